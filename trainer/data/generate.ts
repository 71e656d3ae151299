// Writes a generated data set as a folder of IDX files, which any reader of MNIST takes, with a card. Images are drawn
// while they are written, so a set of any size takes little memory.

import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import {
  makeSetCard,
  parseSetCard,
  SET_CARD_FILE,
  type SetCard,
  setFiles,
} from "../../shared/dataset/card.ts";
import { drawImages, SIDE } from "../../shared/dataset/draw.ts";
import { idxHeader, imagesFile, labelsFile, PARTS, type Part } from "../../shared/dataset/idx.ts";
import { planSet, type SetOptions } from "../../shared/dataset/plan.ts";
import { CLASSES } from "../../shared/latent/classes.ts";
import type { OpenRelease } from "../../shared/release/open.ts";
import { stringifyJson } from "../../shared/release/release.ts";
import { DatasetError } from "../errors.ts";
import { replaceFile } from "../train/replace-file.ts";
import { lockFolder } from "../train/run-lock.ts";

/** Images between two looks at the progress; a multiple of what decoder and flow take at once. */
const BATCH = 240;

export interface GeneratedSet {
  readonly options: SetOptions;
  /** Images of each part. */
  readonly sizes: Readonly<Record<Part, number>>;
  readonly isCompressed: boolean;
  /** What draws. */
  readonly model: { readonly name: string; readonly version: string; readonly release: OpenRelease };
}

/** Within the folder: what is not complete yet; with its card, a set that is complete and not yet in its place. */
const PARTIAL = ".partial";
const LOCK_FILE = ".dataset.lock";

/**
 * Writes a set. It takes the place of a generated set that the folder has, once it is complete.
 * @param folder  is made
 * @throws SeedError, ArgumentError, SamplerError; DatasetError where the folder has data of other origin, RunError where
 *   another process writes it
 */
export async function generateSet(
  folder: string,
  { options, sizes, isCompressed, model: { name, version, release } }: GeneratedSet,
  onProgress: (task: string, done: number, total: number) => void = () => {},
): Promise<SetCard> {
  const plan = planSet(options);
  const partial = join(folder, PARTIAL);
  const total = PARTS.reduce((sum, part) => sum + sizes[part], 0);
  const files: SetCard["files"] = {};
  const write = async (file: string, content: () => Iterable<Uint8Array>) => {
    const stored = isCompressed ? `${file}.gz` : file;
    files[stored] = await writeFile(join(partial, stored), content, isCompressed);
  };
  const counts = { train: [], t10k: [] } as Record<Part, number[]>;
  let done = 0;
  const unlock = await lockFolder(folder, LOCK_FILE);
  try {
    await putInPlace(folder);
    await setIn(folder);
    await mkdir(partial, { recursive: true });
    for (const part of PARTS) await writePart(part);
    const card = makeSetCard({ model: { name, version }, set: options, counts, files });
    await replaceFile(join(partial, SET_CARD_FILE), stringifyJson(card));
    await putInPlace(folder);
    return card;
  } finally {
    try {
      if (!existsSync(join(partial, SET_CARD_FILE))) await rm(partial, { recursive: true, force: true });
    } finally {
      await unlock();
    }
  }

  async function writePart(part: Part): Promise<void> {
    const labels = new Uint8Array(sizes[part]);
    await write(imagesFile(part), function* () {
      yield idxHeader([sizes[part], SIDE, SIDE]);
      for (let start = 0; start < sizes[part]; start += BATCH) {
        const images = plan(part, start, Math.min(BATCH, sizes[part] - start));
        labels.set(
          images.map(({ digit }) => digit),
          start,
        );
        yield drawImages(release, images);
        done += images.length;
        onProgress("images", done, total);
      }
    });
    await write(labelsFile(part), () => [idxHeader([sizes[part]]), labels]);
    counts[part] = countDigits(labels);
  }
}

/**
 * Moves a complete set to its place, as far as an interrupted process has not, and removes the one before it; removes an
 * incomplete one.
 * @throws DatasetError where the folder has data of other origin
 */
async function putInPlace(folder: string): Promise<void> {
  const partial = join(folder, PARTIAL);
  const card = join(partial, SET_CARD_FILE);
  if (existsSync(card)) {
    const files = Object.keys(parseSetCard(await readFile(card)).files);
    const left = files.filter((file) => existsSync(join(partial, file)));
    // Without a card, what has been moved from there is all that the folder has.
    const isMoving =
      !existsSync(join(folder, SET_CARD_FILE)) && !left.some((file) => existsSync(join(folder, file)));
    const before = isMoving ? [] : await setIn(folder);
    for (const file of before.toReversed()) await rm(join(folder, file), { force: true });
    for (const file of left) await rename(join(partial, file), join(folder, file));
    await rename(card, join(folder, SET_CARD_FILE));
  }
  await rm(partial, { recursive: true, force: true });
}

/**
 * The files of the generated set in a folder, its card first; none where there is no set.
 * @throws DatasetError where a folder has data without the card of a generated set
 */
export async function setIn(folder: string): Promise<string[]> {
  const card = join(folder, SET_CARD_FILE);
  if (existsSync(card)) return [SET_CARD_FILE, ...Object.keys(parseSetCard(await readFile(card)).files)];
  const found = [true, false].flatMap(setFiles).find((file) => existsSync(join(folder, file)));
  if (!found) return [];
  throw new DatasetError(
    `${folder} has ${found}, and no ${SET_CARD_FILE} of a generated set; name another folder, or move the file away`,
  );
}

async function writeFile(path: string, content: () => Iterable<Uint8Array>, isCompressed: boolean) {
  const [sha256, md5] = [createHash("sha256"), createHash("md5")];
  let bytes = 0;
  const digest = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      sha256.update(chunk);
      md5.update(chunk);
      bytes += chunk.byteLength;
      yield chunk;
    }
  };
  // Flushed, since the card that is written after it says that it is complete.
  const target = createWriteStream(path, { flush: true });
  await (isCompressed ? pipeline(content, createGzip(), digest, target) : pipeline(content, digest, target));
  return { bytes, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
}

function countDigits(labels: Uint8Array): number[] {
  const counts = new Array<number>(CLASSES).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
}
