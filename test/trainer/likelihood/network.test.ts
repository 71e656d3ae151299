// The likelihood model is a distribution over images: pixels depend on earlier ones alone, and the prior is a density.

import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it } from "vitest";
import { createGenerator, sampleNormal, uniform } from "../../../shared/arithmetic/random.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { noiseTensor } from "../../../trainer/data/batch.ts";
import { drawImages } from "../../../trainer/likelihood/draw.ts";
import { boundLikelihood, evaluatedImages, meanWithError } from "../../../trainer/likelihood/evaluate.ts";
import {
  createWeights,
  decodeFeatures,
  localFeatures,
  pixelLogits,
} from "../../../trainer/likelihood/network.ts";
import { drawPrior, logNormal, logPrior } from "../../../trainer/likelihood/prior.ts";
import { boundParts } from "../../../trainer/likelihood/train.ts";
import { bernoulliNll } from "../../../trainer/math/bernoulli.ts";
import { loadWeights } from "../../../trainer/model/vae.ts";

const SHAPE = { latent: 2, channels: 4, reach: 2 };
const PIXELS = 28 * 28;

beforeEach(async () => {
  await selectBackend("wasm");
});

/** Weights of which those whose name matches are scaled. */
function weightsWith(scales: readonly (readonly [RegExp, number])[] = []) {
  const weights = createWeights(SHAPE, "test");
  for (const [name, variable] of weights) {
    for (const [pattern, factor] of scales) {
      if (pattern.test(name)) variable.assign(tf.tidy(() => tf.mul(variable, factor)));
    }
  }
  return weights;
}

function speckle(seed: string, count = 1): Float32Array {
  const next = createGenerator(seed);
  return Float32Array.from({ length: count * PIXELS }, () => (uniform(next) < 0.4 ? 1 : 0));
}

const toImages = (pixels: Float32Array) => tf.tensor4d(pixels, [pixels.length / PIXELS, 28, 28, 1]);

describe("the logit of a pixel", () => {
  const weights = () => weightsWith([[/^local|^pixel/, 4]]);
  const logitsOf = (from: ReturnType<typeof weights>, pixels: Float32Array) =>
    pixelLogits(
      from,
      decodeFeatures(from, noiseTensor(1, 2, "z")),
      localFeatures(from, toImages(pixels)),
    ).dataSync();

  it("depends on pixels above it and to its left within reach, and on no other", () => {
    const model = weights();
    const pixels = speckle("image");
    const before = logitsOf(model, pixels);
    for (const [y, x] of [
      [0, 0],
      [5, 13],
      [13, 0],
      [14, 27],
      [27, 27],
    ] as const) {
      const at = y * 28 + x;
      const after = logitsOf(model, pixels.with(at, 1 - pixels[at]!));
      const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
      const expected = [...after.keys()].filter((i) => {
        const [below, beside] = [Math.floor(i / 28) - y, (i % 28) - x];
        return i > at && below <= 2 && Math.abs(beside) <= 2;
      });
      expect(changed, `pixel ${y}, ${x}`).toEqual(expected);
    }
  });

  it("is the same when an image is drawn pixel by pixel as when it is scored whole", () => {
    const model = weights();
    const z = noiseTensor(3, 2, "z");
    const { images, nats } = drawImages(model, z, "ink");
    const logits = pixelLogits(model, decodeFeatures(model, z), localFeatures(model, toImages(images)));
    const rows = logits.dataSync() as Float32Array;
    for (const [i, nll] of nats.entries()) {
      expect(nll).toBeCloseTo(
        bernoulliNll(rows.subarray(i * PIXELS, (i + 1) * PIXELS), images, i * PIXELS),
        3,
      );
    }
    // They are not all the same image.
    expect(new Set(nats).size).toBe(3);
  });
});

describe("the prior", () => {
  const model = () => weightsWith([[/^prior_.*last/, 3]]);
  const STEP = 0.1;
  /** A grid over [-7, 7] x [-7, 7]. */
  const grid = () => {
    const side = 141;
    const values = Float32Array.from({ length: 2 * side * side }, (_, i) => {
      const point = Math.floor(i / 2);
      return STEP * (i % 2 === 0 ? Math.floor(point / side) : point % side) - 7;
    });
    return tf.tensor2d(values, [side * side, 2]);
  };
  const mass = (logDensity: tf.Tensor1D) =>
    (logDensity.dataSync() as Float32Array).reduce((sum, value) => sum + Math.exp(value) * STEP * STEP, 0);

  it("is a density other than the standard normal one", () => {
    const weights = model();
    const points = grid();
    const [learned, standard] = [logPrior(weights, points), logNormal(points)];
    expect(mass(standard)).toBeCloseTo(1, 4);
    expect(mass(learned)).toBeCloseTo(1, 2);
    const largest = tf.max(tf.abs(tf.sub(tf.exp(learned), tf.exp(standard)))).dataSync()[0]!;
    expect(largest).toBeGreaterThan(0.01);
  });

  it("is what draws from it follow", () => {
    const weights = model();
    const z = drawPrior(weights, noiseTensor(5000, 2, "prior"));
    // The mean of a function over draws is its integral over the density.
    const points = grid();
    const density = tf.exp(logPrior(weights, points));
    for (const of of [(x: tf.Tensor) => x, tf.square] as const) {
      const drawn = tf.mean(of(z), 0).dataSync();
      const integral = tf
        .mul(tf.sum(tf.mul(of(points), tf.expandDims(density, 1)), 0), STEP * STEP)
        .dataSync();
      for (const axis of [0, 1]) expect(drawn[axis]! - integral[axis]!).toBeCloseTo(0, 1);
    }
  });
});

describe("the importance-weighted bound", () => {
  it("is exact where the latent tells nothing and the posterior is the prior", () => {
    const weights = weightsWith([
      [/^encoder_3|^prior_.*last/, 0],
      [/^decoder_2/, 0],
    ]);
    const pixels = speckle("image");
    const image = toImages(pixels);
    const features = decodeFeatures(weights, noiseTensor(1, 2, "any"));
    const exact = bernoulliNll(
      pixelLogits(weights, features, localFeatures(weights, image)).dataSync() as Float32Array,
      pixels,
    );
    for (const samples of [1, 7, 30]) {
      const { nll, negativeElbo } = boundLikelihood(weights, image, samples, "bound");
      expect(nll).toBeCloseTo(exact, 3);
      expect(negativeElbo).toBeCloseTo(exact, 3);
    }
  });

  it("approaches the integral over a latent of two dimensions from above, as a loss", {
    tags: ["slow"],
  }, () => {
    const weights = weightsWith([[/^decoder/, 1.7]]);
    const pixels = speckle("image");
    const image = toImages(pixels);
    // By the trapezoid rule over [-6, 6] x [-6, 6].
    const [side, step] = [41, 0.3];
    const points = Float32Array.from({ length: 2 * side * side }, (_, i) => {
      const point = Math.floor(i / 2);
      return step * (i % 2 === 0 ? Math.floor(point / side) : point % side) - 6;
    });
    const z = tf.tensor2d(points, [side * side, 2]);
    const local = localFeatures(weights, image);
    const prior = logPrior(weights, z).dataSync();
    const terms = Array.from({ length: side }, (_, row) => {
      const own = tf.slice(z, [row * side, 0], [side, 2]);
      const logits = tf
        .tidy(() => pixelLogits(weights, decodeFeatures(weights, own), local))
        .dataSync() as Float32Array;
      return Array.from(
        { length: side },
        (_, i) =>
          prior[row * side + i]! - bernoulliNll(logits.subarray(i * PIXELS, (i + 1) * PIXELS), pixels),
      );
    }).flat();
    const top = Math.max(...terms);
    const exact = -(top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0) * step * step));
    const one = boundLikelihood(weights, image, 3000, "bound");
    expect(one.nll).toBeCloseTo(exact, 1);
    // The latent matters here: a single draw is far from it.
    expect(one.negativeElbo).toBeGreaterThan(exact + 0.5);
    const few = Array.from({ length: 40 }, (_, i) => boundLikelihood(weights, image, 5, `few/${i}`).nll);
    const { mean, standardError } = meanWithError(few);
    expect(mean).toBeGreaterThan(exact + standardError);
    expect(mean).toBeLessThan(one.negativeElbo);
  });
});

describe("evaluated images", () => {
  it("are a fixed random order without repetition, of which fewer are the start", () => {
    const all = evaluatedImages(300, 300);
    expect([...all].sort((a, b) => a - b)).toEqual([...Array(300).keys()]);
    expect(evaluatedImages(300, 20)).toEqual(all.subarray(0, 20));
  });

  it("have a mean with a standard error", () => {
    const { mean, standardError } = meanWithError([1, 2, 3, 4]);
    expect(mean).toBe(2.5);
    expect(standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4), 12);
  });
});

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe("a training step", () => {
  it("has the same loss and gradients on the backends wasm and cpu", { tags: ["slow"] }, async () => {
    const pixels = speckle("batch");
    const found = [];
    for (const backend of ["wasm", "cpu"] as const) {
      await selectBackend(backend);
      const weights = createWeights(SHAPE, "test");
      const next = createGenerator("values");
      loadWeights(
        weights,
        new Map(
          [...weights].map(([name, { size }]) => [
            name,
            sampleNormal(next, new Float32Array(size)).map((x) => 0.05 * x),
          ]),
        ),
      );
      const [images, noise] = [toImages(pixels), noiseTensor(1, 2, "noise")];
      const { value, grads } = tf.variableGrads(() => {
        const { reconstruction, kl } = boundParts(weights, images, noise);
        return tf.add(reconstruction, kl);
      }, [...weights.values()]);
      found.push({
        loss: value.dataSync()[0]!,
        gradients: new Map(
          [...weights].map(([name, variable]) => [name, grads[variable.name]!.dataSync() as Float32Array]),
        ),
      });
    }
    const [wasm, cpu] = found;
    expect(wasm!.loss).toBeCloseTo(cpu!.loss, 2);
    for (const [name, expected] of cpu!.gradients) {
      const scale = largest(expected);
      expect(scale, name).toBeGreaterThan(0);
      const found = wasm!.gradients.get(name)!;
      const worst = largest(found.map((value, i) => value - expected[i]!));
      expect(worst / scale, name).toBeLessThan(1e-3);
    }
  });
});
