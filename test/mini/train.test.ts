// mini/train.ts computes what TensorFlow.js computes: loss, gradients, and steps of Adam.

import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, inject, it } from "vitest";
import { adam, createRandom, createVae, type Layer, negativeElbo } from "../../mini/train.ts";
import { createGenerator, sampleNormal } from "../../shared/arithmetic/random.ts";
import { presets } from "../../shared/model/presets.ts";
import { dataSource, gatherImages, loadDataset } from "../../trainer/data/dataset.ts";
import { difference, hostStep } from "../trainer/backend/host-step.ts";

const BATCH = 32;

describe("one training step of mini/train.ts", () => {
  it("has the loss and the gradients that tfjs's automatic differentiation finds, to float32", async () => {
    const data = await loadDataset(dataSource(inject("digits")), "train");
    const images = gatherImages(
      data,
      Uint32Array.from({ length: BATCH }, (_, i) => i),
    );
    const noise = sampleNormal(createGenerator("mini"), new Float32Array(2 * BATCH));
    const vae = createVae(createRandom(1));
    const names = ["encoder_1", "encoder_2", "decoder_0", "decoder_1"];
    const layers = [...vae.encoder, ...vae.decoder];
    const tensors = (of: (layer: Layer) => Float32Array) =>
      new Map(
        layers.flatMap((layer, i) => {
          const bias = layer.inputs * layer.outputs;
          return [
            [`${names[i]}/kernel`, of(layer).slice(0, bias)],
            [`${names[i]}/bias`, of(layer).slice(bias)],
          ] as const;
        }),
      );

    let loss = 0;
    for (let i = 0; i < BATCH; i++) {
      const x = images.subarray(784 * i, 784 * (i + 1));
      loss += negativeElbo(vae, x, noise.subarray(2 * i, 2 * (i + 1)), true);
    }
    const weights = tensors((layer) => layer.weights);
    const peer = await hostStep("cpu", { spec: presets.mlp, seed: "", weights, images, noise, beta: 1 });

    const found = difference({ loss, gradients: tensors((layer) => layer.gradient) }, peer);
    expect(found.tensors).toBe(8);
    // Relative to the largest gradient of a tensor. A float32 is exact to 6e-8, and each gradient sums over 32 images and up to
    // 784 products, in another order here than there; a missing or wrong term would differ by orders of magnitude more.
    expect(found.loss).toBeLessThan(1e-6);
    expect(found.gradient).toBeLessThan(2e-6);
  });

  it("ends with the weights of tfjs's Adam, and an empty gradient", async () => {
    await tf.setBackend("cpu");
    const layer = createVae(createRandom(2)).decoder[1];
    const variable = tf.variable(tf.tensor1d(layer.weights));
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
    const next = createGenerator("gradients");
    for (let step = 1; step <= 3; step++) {
      sampleNormal(next, layer.gradient);
      tf.tidy(() =>
        optimizer.applyGradients([{ name: variable.name, tensor: tf.tensor1d(layer.gradient.slice()) }]),
      );
      adam(layer, step);
    }
    const expected = variable.dataSync();
    const worst = layer.weights.reduce(
      (most, weight, i) => Math.max(most, Math.abs(weight - expected[i])),
      0,
    );
    // A ten-thousandth of a step, whose length is up to the learning rate, 1e-3; tfjs takes powers of beta in float32.
    expect(worst).toBeLessThan(1e-7);
    expect(layer.gradient.every((value) => value === 0)).toBe(true);
    tf.dispose(variable);
    optimizer.dispose();
  });
});

describe("node mini/train.ts", () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["mini/train.ts", ...args]).then(
      () => expect.unreachable(),
      (error: { readonly stderr: string }) => error.stderr,
    );

  it("says what it needs", async () => {
    const empty = await mkdtemp(join(tmpdir(), "mini-"));
    expect(await run()).toContain("usage: node mini/train.ts");
    expect(await run(empty, empty)).toContain(`found neither ${join(empty, "train-images-idx3-ubyte")} nor`);
    await writeFile(join(empty, "train-images-idx3-ubyte"), new Uint8Array(1000));
    expect(await run(empty, empty)).toContain("is not an IDX file of images of 28 x 28 pixels");
  });
});
