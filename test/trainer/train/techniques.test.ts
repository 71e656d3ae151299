// Each technique of training does its job.

import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createGenerator } from "../../../shared/arithmetic/random.ts";
import { SpecError } from "../../../shared/errors.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { parameterCount, planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { changeSpec, presets } from "../../../shared/model/presets.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { EpochRecord } from "../../../shared/release/release.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { addNoise, binarise, turnAndShift } from "../../../trainer/data/augment.ts";
import { gatherImages, loadDataset, MNIST } from "../../../trainer/data/dataset.ts";
import { kindOf } from "../../../trainer/latent/kind.ts";
import { runStack } from "../../../trainer/model/dropout.ts";
import { buildVae } from "../../../trainer/model/vae.ts";
import { finalWeights, readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { bestEpoch, betaAt, isFinished, learningRateAt } from "../../../trainer/train/schedule.ts";
import { temporaryFolder } from "../../folder.ts";
import { smokeConfig, trainSmoke } from "../smoke-run.ts";

const weightsOf = async (folder: string) =>
  finalWeights(await readCheckpoint(join(folder, "checkpoint.bin")));

describe("other sizes of a preset", () => {
  it("have the requested latent and hidden widths, and mirror them", () => {
    const spec = changeSpec("mlp", { latentDim: 16, hidden: [512, 256] });
    expect(planEncoder(spec).map(({ output }) => output[2])).toEqual([784, 512, 256, 32]);
    expect(planDecoder(spec).map(({ output }) => output[2])).toEqual([256, 512, 784, 1]);
    expect(changeSpec("mlp-deep", {})).toEqual(spec);
    expect(latentDim(changeSpec("cnn", { latentDim: 32 }))).toBe(32);
  });

  it("have the requested flow, and a decoder with fewer or more channels that still makes an image", () => {
    const spec = changeSpec("flow", { flowWidth: 128, flowBlocks: 1, decoderWidth: 0.5 });
    expect(spec.latent).toMatchObject({ dim: 32, flow: { width: 128, blocks: 1, guidance: 0 } });
    const outputs = planDecoder(spec).map(({ output }) => output);
    expect(outputs[0]).toEqual([1, 1, 49 * 32]);
    expect(outputs.at(-1)).toEqual([28, 28, 1]);
    // Of what the layer after it reads.
    const channels = (of: ModelSpec) =>
      planDecoder(of).flatMap(({ output }, i) => (of.decoder[i + 1]?.kind === "noise" ? [] : [output[2]]));
    channels(spec)
      .slice(1, -1)
      .forEach((count, i) => {
        const full = channels(changeSpec("flow", {}))[i + 1]!;
        expect(count % 4).toBe(0);
        expect(Math.abs(count - full / 2)).toBeLessThanOrEqual(2);
      });
    expect(changeSpec("flow", { decoderWidth: 1, flowWidth: 256 })).toEqual(changeSpec("flow", {}));
  });

  it("have the requested planes of noise, or none", () => {
    const planes = (noisePlanes: number) =>
      changeSpec("flow", { noisePlanes }).decoder.flatMap((layer) =>
        layer.kind === "noise" ? [layer.planes] : [],
      );
    expect([planes(0), planes(4)]).toEqual([[], [4, 4]]);
    const filters = (noisePlanes: number) =>
      changeSpec("flow", { noisePlanes }).decoder.flatMap((layer) =>
        "filters" in layer ? [layer.filters] : [],
      );
    expect([filters(0), filters(12)]).toEqual([
      [32, 24, 16, 12, 1],
      [20, 24, 4, 12, 1],
    ]);
    expect(changeSpec("flow", { noisePlanes: 2 })).toEqual(changeSpec("flow", {}));
    expect(planDecoder(changeSpec("flow", { noisePlanes: 0 })).at(-1)!.output).toEqual([28, 28, 1]);
  });

  it("have the requested codes, and channels of the prior over them", () => {
    const { latent } = changeSpec("vq", { codebookSize: 128, priorWidth: 16 });
    if (latent.kind !== "codes") throw new Error("vq has codes");
    expect(latent.codebook).toEqual({ version: 1, size: 128, dim: 16 });
    expect(latent.prior.layers.map(({ channels }) => channels)).toEqual([16, 16, 16, 16]);
    expect(changeSpec("vq", {})).toEqual(changeSpec("vq", { codebookSize: 32, priorWidth: 64 }));
  });

  it("refuse hidden widths for convolutions", () => {
    expect(() => changeSpec("cnn", { hidden: [512] })).toThrow(SpecError);
  });

  it("fit the Worker: every preset's decoder has at most 400,000 weights", () => {
    for (const preset of ["mlp", "cnn", "cnn-deep"] as const) {
      expect(parameterCount(planDecoder(changeSpec(preset, {})))).toBeLessThan(400_000);
    }
  });
});

describe("beta", () => {
  it("above 1 trades a worse reconstruction for a smaller KL", { tags: ["slow"] }, async () => {
    const run = async (beta: number) =>
      (await trainSmoke(await temporaryFolder(), { beta, epochs: 6 })).at(-1)!;
    const [plain, strong] = [await run(1), await run(8)];
    expect(strong.validation.kl).toBeLessThan(0.6 * plain.validation.kl);
    expect(strong.validation.reconstruction).toBeGreaterThan(plain.validation.reconstruction);
  });

  it("rises from 0 in every step of a warm-up, which lets the KL grow first", async () => {
    const config = { ...smokeConfig, beta: 2, warmup: 4 };
    expect([0, 0.5, 1, 2, 4, 9].map((epochs) => betaAt(config, epochs))).toEqual([0, 0.25, 0.5, 1, 2, 2]);
    expect(betaAt({ ...config, warmup: 0 }, 0)).toBe(2);
    const [plain] = await trainSmoke(await temporaryFolder(), { epochs: 1 });
    const [warm] = await trainSmoke(await temporaryFolder(), { epochs: 1, warmup: 5 });
    expect(warm!.validation.kl).toBeGreaterThan(plain!.validation.kl);
  });
});

describe("the step size", () => {
  it("is constant, falls to 0 along half a cosine, or rises before it falls", () => {
    expect(learningRateAt(smokeConfig, 0.7)).toBe(smokeConfig.learningRate);
    const larger = { ...smokeConfig, batchSize: 512, scaleRate: true };
    expect(learningRateAt(larger, 0.7)).toBeCloseTo(4 * smokeConfig.learningRate, 12);
    const cosine = { ...smokeConfig, learningRate: 0.01, schedule: "cosine" as const };
    expect([0, 0.5, 1].map((at) => learningRateAt(cosine, at))).toEqual([0.01, expect.closeTo(0.005, 12), 0]);
    const oneCycle = { ...cosine, schedule: "one-cycle" as const };
    expect([0, 0.05, 0.1, 0.55, 1].map((at) => learningRateAt(oneCycle, at))).toEqual(
      [0.001, 0.0055, 0.01, 0.005, 0].map((rate) => expect.closeTo(rate, 12)),
    );
  });
});

describe("early stopping", () => {
  const loss = (total: number) => ({ reconstruction: total - 1, kl: 1, total });
  const history = (...totals: number[]): EpochRecord[] =>
    totals.map((total, i) => ({ epoch: i + 1, seconds: 1, training: loss(total), validation: loss(total) }));

  it("waits for as many epochs as its patience, from the best after the warm-up", () => {
    const config = { ...smokeConfig, epochs: 100, patience: 2 };
    expect(isFinished(config, history(9, 8, 9))).toBe(false);
    expect(isFinished(config, history(9, 8, 9, 8.5))).toBe(true);
    expect(bestEpoch(config, history(9, 8, 9, 8.5))).toBe(2);
    const warm = { ...config, warmup: 3 };
    expect(bestEpoch(warm, history(1, 8, 9))).toBeUndefined();
    expect(isFinished(warm, history(1, 8, 9, 7, 8))).toBe(false);
    expect(isFinished(warm, history(1, 8, 9, 7, 8, 8))).toBe(true);
    expect(isFinished({ ...smokeConfig, epochs: 3 }, history(3, 2, 1))).toBe(true);
  });

  it("never takes an epoch with a loss that is not finite as the best", () => {
    const config = { ...smokeConfig, epochs: 100, patience: 5 };
    expect(bestEpoch(config, history(9, Number.NaN))).toBe(1);
    expect(bestEpoch(config, history(Number.NaN, 9, Number.NaN, 10))).toBe(2);
    expect(bestEpoch(config, history(Number.NaN))).toBeUndefined();
  });

  it("ends with the weights of the best epoch", { tags: ["slow"] }, async () => {
    const [patient, exact] = [await temporaryFolder(), await temporaryFolder()];
    // A step so large that the loss soon goes up and down.
    const config = { learningRate: 0.05, epochs: 30, limit: 300 };
    const run = await trainSmoke(patient, { ...config, patience: 2 });
    const best = bestEpoch({ ...smokeConfig, patience: 2 }, run)!;
    expect(run.length).toBe(best + 2);
    await trainSmoke(exact, { ...config, epochs: best });
    const [found, expected] = [await weightsOf(patient), await weightsOf(exact)];
    for (const [name, values] of expected) {
      if (name.startsWith("encoder") || name.startsWith("decoder")) expect(found.get(name)).toEqual(values);
    }
  });
});

describe("augmentation", () => {
  let images: Float32Array;
  beforeAll(async () => {
    images = gatherImages(
      await loadDataset(MNIST, "t10k"),
      Uint32Array.from({ length: 200 }, (_, i) => i),
    );
  });
  const centre = (image: Float32Array) => {
    let [sum, x, y] = [0, 0, 0];
    image.forEach((value, i) => {
      sum += value;
      x += value * (i % 28);
      y += value * Math.floor(i / 28);
    });
    return { sum, x: x / sum, y: y / sum };
  };

  it("rotates and shifts within its limits, differently for each image, and keeps the ink", () => {
    const moved = turnAndShift(images, 28, 28, createGenerator("move"));
    const shifts: number[] = [];
    for (let i = 0; i < 200; i++) {
      const [before, after] = [images, moved].map((all) => centre(all.subarray(784 * i, 784 * (i + 1))));
      shifts.push(after!.x - before!.x);
      // A tenth of 28 pixels, and what a turn about the middle adds to an off-centre digit.
      expect(Math.hypot(after!.x - before!.x, after!.y - before!.y)).toBeLessThan(2.8 * Math.SQRT2 + 0.5);
      expect(after!.sum / before!.sum).toBeGreaterThan(0.85);
      expect(after!.sum / before!.sum).toBeLessThan(1.1);
    }
    expect(Math.max(...shifts)).toBeGreaterThan(1.5);
    expect(Math.min(...shifts)).toBeLessThan(-1.5);
  });

  it("adds slight noise, and stays within [0, 1]", () => {
    const noisy = addNoise(images, createGenerator("noise"));
    const differences = noisy.map((value, i) => Math.abs(value - images[i]!));
    expect(differences.every((difference) => difference <= 0.1001)).toBe(true);
    expect(noisy.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(differences.filter((d) => d > 0.01).length).toBeGreaterThan(images.length / 4);
  });

  it("draws black and white with the grey level as probability", () => {
    const drawn = binarise(images, createGenerator("binarise"));
    expect(new Set(drawn)).toEqual(new Set([0, 1]));
    const grey = images.map((value, i) => (value > 0.3 && value < 0.7 ? drawn[i]! - value : 0));
    const count = images.filter((value) => value > 0.3 && value < 0.7).length;
    expect(Math.abs(grey.reduce((sum, x) => sum + x, 0) / count)).toBeLessThan(0.02);
    expect(images.findIndex((value, i) => (value === 0 || value === 1) && drawn[i] !== value)).toBe(-1);
  });

  it("and binarisation train, and their losses fall", { tags: ["slow"] }, async () => {
    for (const edit of [{ augment: true }, { binarise: true }, { augment: true, binarise: true }]) {
      const history = await trainSmoke(await temporaryFolder(), edit);
      expect(history.at(-1)!.validation.total).toBeLessThan(history[0]!.validation.total - 20);
    }
  });
});

describe("dropout", () => {
  beforeAll(() => selectBackend("wasm"));

  it("drops its share of units, or of whole channels, and scales up the rest", async () => {
    const vae = buildVae(presets.smoke, "0", kindOf(presets.smoke).createBottleneck);
    const [convolution] = vae.encoder.layers.slice(1);
    const image = tf.ones([64, 28, 28, 1]);
    const plain = convolution!.apply(image) as tf.Tensor4D;
    const stack = { layers: vae.encoder.layers.slice(0, 2) } as unknown as tf.Sequential;
    const dropped = runStack(stack, image, { rate: 0.5, seed: "a" });
    const [before, after] = [await plain.data(), await dropped.data()];
    const perImage = 7 * 7 * 8;
    let left = 0;
    for (let i = 0; i < 64; i++) {
      for (let channel = 0; channel < 8; channel++) {
        const at = (pixel: number) => i * perImage + pixel * 8 + channel;
        const active = Array.from({ length: 49 }, (_, p) => at(p)).filter((index) => before[index]! > 1e-6);
        const ratios = new Set(
          active.map((index) => Math.round((after[index]! / before[index]!) * 1e3) / 1e3),
        );
        expect(ratios.size).toBeLessThanOrEqual(1);
        for (const ratio of ratios) expect([0, 2]).toContain(ratio);
        if (ratios.has(0)) left += 1;
      }
    }
    expect(left).toBeGreaterThan(100);
    tf.dispose([image, plain, dropped]);
    vae.dispose();
  });

  it("trains, and does not affect validation", async () => {
    const history = await trainSmoke(await temporaryFolder(), { dropout: 0.3, epochs: 6 });
    const { training, validation } = history.at(-1)!;
    expect(validation.total).toBeLessThan(history[0]!.validation.total - 20);
    expect(validation.reconstruction).toBeLessThan(training.reconstruction);
  });
});
