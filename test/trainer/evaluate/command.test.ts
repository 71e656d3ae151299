import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import { evaluateCommand } from "../../../trainer/commands/evaluate.ts";
import { loadDataset, MNIST } from "../../../trainer/dataset.ts";
import { type Evaluation, EvaluationSchema } from "../../../trainer/evaluate/evaluation.ts";
import { temporaryFolder, trainSmoke } from "../folder.ts";

/** The files of MNIST cut down to a few images, as another data set. */
async function fewDigits(train: number, test: number): Promise<string> {
  const folder = await temporaryFolder();
  for (const [part, count] of [
    ["train", train],
    ["t10k", test],
  ] as const) {
    const { pixels, labels } = await loadDataset(MNIST, part);
    const header = (...numbers: number[]) => {
      const bytes = Buffer.alloc(4 * numbers.length);
      for (const [i, n] of numbers.entries()) bytes.writeUInt32BE(n, 4 * i);
      return bytes;
    };
    const images = [header(0x803, count, 28, 28), pixels.subarray(0, 784 * count)];
    await writeFile(join(folder, `${part}-images-idx3-ubyte`), Buffer.concat(images));
    const digits = [header(0x801, count), labels.subarray(0, count)];
    await writeFile(join(folder, `${part}-labels-idx1-ubyte`), Buffer.concat(digits));
  }
  return folder;
}

const evaluate = async (folder: string, samples = 0) => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await evaluateCommand.run({ values: { samples }, given: new Set() }, [folder]);
  const text = log.mock.calls.join("\n");
  log.mockRestore();
  return text;
};
const readEvaluation = async (run: string): Promise<Evaluation> =>
  v.parse(EvaluationSchema, JSON.parse(await readFile(join(run, "evaluation.json"), "utf8")));

describe("npm run evaluate", () => {
  it("measures a run's float and quantized weights, and keeps the figures beside it", async () => {
    const run = await temporaryFolder();
    const data = await fewDigits(900, 300);
    const history = await trainSmoke(run, { data, binarise: true, limit: 900 });
    const text = await evaluate(run, 4);
    const { epochs, testImages, floor, float, quantized } = await readEvaluation(run);
    expect({ epochs, testImages, floor }).toEqual({ epochs: 3, testImages: 300, floor: undefined });
    for (const metrics of [float!, quantized!]) {
      const { loss, bound, knnAccuracy, draws } = metrics;
      expect(Math.abs(loss.total - history.at(-1)!.validation.total)).toBeLessThan(25);
      expect(bound).toMatchObject({ samples: 4, isNll: true });
      expect(bound!.nats).toBeLessThan(loss.total);
      expect(knnAccuracy).toBeGreaterThan(0.3);
      // The classifier knows MNIST alone.
      expect(draws).toBeUndefined();
    }
    expect(Math.abs(float!.loss.total - quantized!.loss.total)).toBeLessThan(0.5);
    expect(text).toContain("NLL, 4 samples");
  });

  it("measures a release without touching its folder", async () => {
    const run = await temporaryFolder();
    await trainSmoke(run, { data: await fewDigits(900, 100), limit: 900 });
    await evaluate(run);
    const [version] = await readdir(join(run, "release"));
    const release = join(run, "release", version!);
    const files = await readdir(release);
    const text = await evaluate(release);
    expect(text).toContain("quantized weights");
    expect(text).not.toContain("float weights");
    expect(await readdir(release)).toEqual(files);
  });

  it("refuses a folder that is neither", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "release"));
    await expect(evaluate(folder)).rejects.toThrow(/is no run \(it has no config\.json\) and no release/);
  });
});
