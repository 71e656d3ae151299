import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { planEncoder } from "../../../shared/model/plan.ts";
import type { EpochRecord } from "../../../shared/release/release.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { parseCommand } from "../../../trainer/commands/command-line.ts";
import { evaluateCommand } from "../../../trainer/commands/evaluate.ts";
import { MNIST } from "../../../trainer/data/dataset.ts";
import { type Evaluation, readEvaluation, type Split } from "../../../trainer/evaluate/evaluation.ts";
import { loadEvaluationSet } from "../../../trainer/evaluate/evaluation-set.ts";
import { figureOf } from "../../../trainer/evaluate/figures.ts";
import { readCheckpoint, writeCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { fingerprint, temporaryFolder } from "../../folder.ts";
import { smokeConfig, trainSmoke } from "../smoke-run.ts";

interface EvaluateValues {
  samples?: number;
  on?: Split;
  twoSample?: boolean;
}

const evaluate = async (
  folder: string,
  { samples = 0, on = "validation", twoSample = false }: EvaluateValues = {},
) => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await evaluateCommand.run({ values: { on, samples, twoSample }, given: new Set() }, [folder]);
  const text = log.mock.calls.join("\n");
  log.mockRestore();
  return text;
};

let run: string;
let history: readonly EpochRecord[];
let text: string;
let evaluation: Evaluation;

beforeAll(async () => {
  run = await mkdtemp(join(tmpdir(), "edge-digits-"));
  history = await trainSmoke(run, { binarise: true });
  text = await evaluate(run, { samples: 4 });
  evaluation = (await readEvaluation(run))!;
  return () => rm(run, { recursive: true, force: true });
});

describe("npm run evaluate", () => {
  it("measures a run's float and quantized weights, and keeps the figures beside it", () => {
    const { epochs, on, images, floor, float, quantized } = evaluation;
    // The images that the run's own split kept from training: a tenth of 1,000.
    expect({ epochs, on, images, floor }).toEqual({
      epochs: 3,
      on: "validation",
      images: 100,
      floor: undefined,
    });
    for (const metrics of [float!, quantized]) {
      const { loss, draws } = metrics;
      const measured = (name: string) => figureOf(metrics.figures, name)!.value;
      // The same images as in training, with other noise and other binarisation.
      expect(Math.abs(loss.total - history.at(-1)!.validation.total)).toBeLessThan(4);
      expect(measured("NLL by 4 samples, nats")).toBeLessThan(loss.total);
      expect(measured("10-NN class accuracy of the means")).toBeGreaterThan(0.3);
      // The classifier knows MNIST alone.
      expect(draws).toBeUndefined();
    }
    expect(Math.abs(float!.loss.total - quantized.loss.total)).toBeLessThan(0.5);
    expect(text).toContain("100 validation images");
    expect(text).toMatch(/NLL by 4 samples, nats +\d+\.\d\d +\d+\.\d\d\n/);
  });

  it("takes the test images only when it is asked to, and says so", async () => {
    const text = await evaluate(run, { on: "test" });
    expect(text).toContain("300 test images");
    const test = (await readEvaluation(run))!;
    expect(test).toMatchObject({ on: "test", images: 300 });
    expect(test.float!.loss.total).not.toBe(evaluation.float!.loss.total);
    expect(parseCommand(evaluateCommand, [run]).options.values.on).toBe("validation");
    expect(() => parseCommand(evaluateCommand, [run, "--on", "train"])).toThrow("--on");
  });

  it("measures a release without touching its folder", async () => {
    const [version] = await readdir(join(run, "release"));
    const release = join(run, "release", version!);
    const files = await fingerprint(release);
    const text = await evaluate(release);
    expect(text).toContain("quantized");
    expect(text).not.toContain("float");
    expect(await fingerprint(release)).toEqual(files);
  });

  it("scores reconstructions, and as many training images that it does not evaluate", {
    tags: ["slow"],
  }, async () => {
    await selectBackend("wasm");
    // Only MNIST's digits are scored.
    const config = { ...smokeConfig, data: "mnist", limit: 400 };
    const { images, labels, training, baseline } = await loadEvaluationSet(MNIST, "validation", config);
    expect([labels.length, training.labels.length]).toEqual([40, 360]);
    const digests = (set: Float32Array) =>
      new Set(
        Array.from({ length: set.length / 784 }, (_, i) => String(set.subarray(784 * i, 784 * (i + 1)))),
      );
    const { judge, others, floor } = baseline!;
    expect(others.labels).toHaveLength(40);
    const evaluated = digests(images);
    for (const set of [others, training]) {
      expect([...digests(set.images)].filter((image) => evaluated.has(image))).toEqual([]);
    }
    // Against themselves the evaluated images have no distance; other images have one.
    expect(await judge(images, labels)).toMatchObject({ frechet: 0, precision: 1, recall: 1 });
    expect(floor.frechet).toBeGreaterThan(1);

    const run = await temporaryFolder();
    await trainSmoke(run, config);
    const text = await evaluate(run);
    const evaluation = (await readEvaluation(run))!;
    expect(evaluation.floor).toEqual(floor);
    const { draws } = evaluation.quantized!;
    expect(Object.keys(draws!)).toEqual([
      "reconstructions",
      "reconstructions of training images",
      "mixture",
      "N(0, I)",
    ]);
    expect(draws!.reconstructions!.classAccuracy).toBeDefined();
    expect(draws!["reconstructions of training images"]).not.toEqual(draws!.reconstructions);
    for (const row of Object.keys(draws!)) {
      expect(text.split("\n").filter((line) => line.startsWith(`  ${row}, `))).toHaveLength(2);
    }
    expect(text.split("\n").filter((line) => line.startsWith("  training images "))).toHaveLength(1);
    const names = [
      "Pixels at levels 1 to 4, per image",
      "Pixels at level 250 or above",
      "Distance from the nearest training image, median of 40",
    ];
    for (const figures of [evaluation.realism, evaluation.quantized.realism]) {
      expect(figures!.map(({ name }) => name)).toEqual(names);
    }
    expect(text.split("\n").filter((line) => names.some((name) => line.includes(name)))).toHaveLength(3);
    // Of the served weights alone.
    const walks = "Frames of 500 walks recognised, relative to their ends";
    const shares = "Largest difference of class shares, 20,000 draws";
    expect(figureOf(evaluation.quantized.figures, walks)!.value).toBeGreaterThan(0);
    expect(figureOf(evaluation.quantized.figures, shares)!.value).toBeGreaterThan(4);
    expect(figureOf(evaluation.float!.figures, walks)).toBeUndefined();
  });

  it("refuses a run whose validation loss is not finite, which no card can hold", async () => {
    const run = await temporaryFolder();
    await trainSmoke(run, { limit: 100 });
    const path = join(run, "checkpoint.bin");
    const checkpoint = await readCheckpoint(path);
    // Log-variances whose exponential is beyond float64.
    const bias = planEncoder(smokeConfig.spec).at(-1)!.weights[1]!.name;
    const overflowing = checkpoint.tensors.get(bias)!.map((value, i) => (i < 4 ? value : 2000));
    await writeCheckpoint(path, {
      ...checkpoint,
      tensors: new Map([...checkpoint.tensors, [bias, overflowing]]),
    });
    await expect(evaluate(run)).rejects.toThrow(
      `${run} diverged: the validation loss of its float weights is NaN nats`,
    );
    expect(await readEvaluation(run)).toBeUndefined();
  });

  it("refuses a two-sample test without enough images of MNIST", async () => {
    await expect(evaluate(run, { twoSample: true })).rejects.toThrow(
      "--two-sample takes at least 6000 images of MNIST, found 100 of other data",
    );
  });

  it("refuses a folder that is neither", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "release"));
    await expect(evaluate(folder)).rejects.toThrow(/is neither a run \(no config\.json\) nor a release/);
  });
});
