// Small data sets in MNIST's format, cut out of a larger one.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataSource, loadDataset } from "../../trainer/data/dataset.ts";

export interface Digits {
  readonly training: number;
  readonly test: number;
  /** Which digits are taken. */
  readonly isTaken?: (digit: number) => boolean;
  /** Changes the pixels of all images, [count, 784], in place. */
  readonly edit?: (pixels: Uint8Array) => void;
}

/** Writes the four IDX files into a folder, the first digits of either part that are taken. */
export async function cutDigits(
  source: DataSource,
  folder: string,
  { training, test, isTaken = () => true, edit }: Digits,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [part, count] of [
    ["train", training],
    ["t10k", test],
  ] as const) {
    const data = await loadDataset(source, part);
    const chosen = [...data.labels.keys()].filter((i) => isTaken(data.labels[i]!)).slice(0, count);
    const pixels = new Uint8Array(784 * chosen.length);
    for (const [at, i] of chosen.entries())
      pixels.set(data.pixels.subarray(784 * i, 784 * (i + 1)), 784 * at);
    edit?.(pixels);
    const images = Buffer.concat([header(0x803, chosen.length, 28, 28), pixels]);
    await writeFile(join(folder, `${part}-images-idx3-ubyte`), images);
    const labels = Uint8Array.from(chosen, (i) => data.labels[i]!);
    const digits = Buffer.concat([header(0x801, chosen.length), labels]);
    await writeFile(join(folder, `${part}-labels-idx1-ubyte`), digits);
  }
  return folder;
}

function header(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, n] of numbers.entries()) bytes.writeUInt32BE(n, 4 * i);
  return bytes;
}
