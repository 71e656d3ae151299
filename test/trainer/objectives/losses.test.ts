// Each objective's loss, and its gradients, beside the formula of its paper in plain numbers.

import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import { reparameterize } from "../../../trainer/latent/gaussian/bottleneck.ts";
import type { Vae } from "../../../trainer/model/vae.ts";
import { decomposeKl } from "../../../trainer/objectives/beta-tcvae.ts";
import { iwae } from "../../../trainer/objectives/iwae.ts";
import type { Objective, Step } from "../../../trainer/objectives/objective.ts";
import { objectiveNames, objectiveOf } from "../../../trainer/objectives/objectives.ts";
import { plainOptions } from "../../../trainer/objectives/options.ts";
import { rae } from "../../../trainer/objectives/rae.ts";
import { DIMS, IMAGES, inNumbers, logNormal, noiseOf, tinyStep, tinyVae } from "./tiny.ts";

let vae: Vae;
let plain: Awaited<ReturnType<typeof inNumbers>>;
beforeAll(async () => {
  vae = await tinyVae();
  plain = await inNumbers(vae);
});
afterAll(() => vae.dispose());

const numberOf = (scalar: tf.Tensor) => scalar.dataSync()[0]!;
const lossOf = (objective: Objective, step: Step) => tf.tidy(() => numberOf(objective.loss(step).loss));
const images = Array.from({ length: IMAGES }, (_, i) => i);
const dims = Array.from({ length: DIMS }, (_, d) => d);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** z of a draw, in plain numbers. */
function drawn(image: number, draws = 1, draw = 0): number[] {
  const noise = noiseOf(draws);
  return dims.map((d) => {
    const sigma = Math.exp(plain.logVar[image]![d]! / 2);
    return plain.mu[image]![d]! + sigma * noise[(image * draws + draw) * DIMS + d]!;
  });
}
const klOf = (image: number, d: number) => {
  const [mu, logVar] = [plain.mu[image]![d]!, plain.logVar[image]![d]!];
  return 0.5 * (mu ** 2 + Math.exp(logVar) - 1 - logVar);
};
/** log p(x, z) - log q(z|x). */
const logWeight = (image: number, z: readonly number[]) =>
  -plain.nll(image, z) +
  sum(z.map((value) => logNormal(value))) -
  sum(z.map((value, d) => logNormal(value, plain.mu[image]![d]!, plain.logVar[image]![d]!)));

describe("the VAE and the beta-VAE", () => {
  it("minimise reconstruction + beta * KL", () => {
    const reconstruction = sum(images.map((image) => plain.nll(image, drawn(image))));
    const kl = sum(images.flatMap((image) => dims.map((d) => klOf(image, d))));
    for (const [name, beta] of [["vae", 1] as const, ["beta-vae", 4] as const]) {
      const found = lossOf(objectiveOf({ objective: name }), tinyStep(vae, 1, { beta }));
      expect(found).toBeCloseTo(reconstruction + beta * kl, 4);
    }
  });

  it("count the KL of a dimension from its free bits on, as the mean of the batch", () => {
    const means = dims.map((d) => sum(images.map((image) => klOf(image, d))) / IMAGES);
    const freeBits = sum(means) / DIMS;
    const above = sum(means.map((mean) => Math.max(mean, freeBits)));
    expect(above).toBeGreaterThan(sum(means) + 0.001);
    const reconstruction = sum(images.map((image) => plain.nll(image, drawn(image))));
    const options = { ...plainOptions, freeBits };
    const found = lossOf(objectiveOf({ objective: "beta-vae" }), tinyStep(vae, 1, { beta: 2, options }));
    expect(found).toBeCloseTo(reconstruction + 2 * IMAGES * above, 4);
  });
});

describe("the IWAE", () => {
  it.each([1, 4])("minimises -L_K, for K = %i", (draws) => {
    const bound = sum(
      images.map((image) => {
        const weights = Array.from({ length: draws }, (_, draw) =>
          Math.exp(logWeight(image, drawn(image, draws, draw))),
        );
        return -Math.log(sum(weights) / draws);
      }),
    );
    const options = { ...plainOptions, importanceSamples: draws };
    expect(lossOf(iwae, tinyStep(vae, draws, { options }))).toBeCloseTo(bound, 4);
  });

  it("has the VAE's expected loss for one draw, and a lower one for more", () => {
    const mean = (objective: Objective, draws: number) => {
      const options = { ...plainOptions, importanceSamples: draws };
      const losses = Array.from({ length: 150 }, (_, i) =>
        tf.tidy(() => {
          const values = sampleNormal(createGenerator(`mean/${i}`), new Float32Array(IMAGES * draws * DIMS));
          const noise = tf.tensor2d(values, [IMAGES * draws, DIMS]);
          const step = tinyStep(vae, draws, { options });
          const redrawn = { ...step, noise, draw: () => ({ ...step.draw(), latent: latentBy(step, noise) }) };
          return numberOf(objective.loss(redrawn).loss);
        }),
      );
      const average = sum(losses) / losses.length;
      const variance = sum(losses.map((loss) => (loss - average) ** 2)) / (losses.length - 1);
      return { average, error: Math.sqrt(variance / losses.length) };
    };
    const [one, elbo, five] = [mean(iwae, 1), mean(objectiveOf({ objective: "vae" }), 1), mean(iwae, 5)];
    expect(Math.abs(one.average - elbo.average)).toBeLessThan(4 * Math.hypot(one.error, elbo.error));
    expect(five.average).toBeLessThan(one.average - 4 * Math.hypot(one.error, five.error));
  });

  it("has the gradient of -L_K in expectation, and for the decoder exactly", () => {
    const [count, draws] = [4000, 3];
    const noise = tf.tensor2d(sampleNormal(createGenerator("dreg"), new Float32Array(count * draws)), [
      count * draws,
      1,
    ]);
    const nll = (z: tf.Tensor, weight: tf.Tensor) =>
      tf.reshape(tf.square(tf.sub(tf.mul(z, weight), 1.5)), [count, draws]) as tf.Tensor2D;
    const options = { ...plainOptions, importanceSamples: draws };
    /** For each of many images that are the same, so that there is a mean and its error. */
    const gradientsOf = (loss: (mu: tf.Tensor2D, logVar: tf.Tensor2D, weight: tf.Tensor) => tf.Scalar) => {
      const at = [tf.fill([count, 1], 0.2), tf.fill([count, 1], -1.5), tf.scalar(0.8)];
      const grads = tf.grads((mu, logVar, weight) =>
        loss(mu as tf.Tensor2D, logVar as tf.Tensor2D, weight as tf.Tensor),
      )(at);
      return grads.map((gradient) => [...gradient.dataSync()]);
    };
    const [reparameterised, exact] = tf.tidy(() => [
      gradientsOf((mu, logVar, weight) => {
        const step = {
          options,
          noise,
          posterior: () => ({ mu, logVar }),
          reconstructEach: (z: tf.Tensor2D) => nll(z, weight),
        };
        return iwae.loss(step as unknown as Step).loss;
      }),
      gradientsOf((mu, logVar, weight) => {
        const repeat = (x: tf.Tensor2D) => tf.reshape(tf.tile(x, [1, draws]), [count * draws, 1]);
        const [means, logVars] = [repeat(mu) as tf.Tensor2D, repeat(logVar) as tf.Tensor2D];
        const z = reparameterize(means, logVars, noise);
        const logQ = tf.mul(-0.5, tf.add(tf.square(noise), logVars));
        const logRatio = tf.sub(tf.mul(-0.5, tf.square(z)), logQ);
        const logWeights = tf.sub(tf.reshape(logRatio, [count, draws]), nll(z, weight));
        return tf.neg(tf.sum(tf.log(tf.mean(tf.exp(logWeights), 1)))) as tf.Scalar;
      }),
    ]);
    noise.dispose();
    const meanOf = (values: number[]) => {
      const average = sum(values) / count;
      const variance = sum(values.map((value) => (value - average) ** 2)) / (count - 1);
      return { average, error: Math.sqrt(variance / count) };
    };
    for (const parameter of [0, 1]) {
      const [found, expected] = [meanOf(reparameterised![parameter]!), meanOf(exact![parameter]!)];
      const spread = Math.hypot(found.error, expected.error);
      expect(Math.abs(found.average - expected.average)).toBeLessThan(4 * spread);
      expect(Math.abs(expected.average)).toBeGreaterThan(8 * spread);
    }
    const [decoder, plainDecoder] = [reparameterised![2]![0]!, exact![2]![0]!];
    expect(Math.abs(decoder - plainDecoder)).toBeLessThan(1e-4 * Math.abs(plainDecoder));
  });
});

function latentBy(step: Step, noise: tf.Tensor2D): tf.Tensor2D {
  const { mu, logVar } = step.posterior();
  return reparameterize(mu, logVar, noise);
}

describe("the beta-TCVAE", () => {
  it("weighs the total correlation alone, and its three parts add up to the KL of the draw", () => {
    const trainingCount = 100;
    const zs = images.map((image) => drawn(image));
    const q = (i: number, j: number, d: number) =>
      Math.exp(logNormal(zs[i]![d]!, plain.mu[j]![d]!, plain.logVar[j]![d]!));
    const density = (values: readonly number[]) => Math.log(sum(values) / (trainingCount * IMAGES));
    const logJoint = sum(
      images.map((i) => density(images.map((j) => dims.reduce((product, d) => product * q(i, j, d), 1)))),
    );
    const logProduct = sum(images.flatMap((i) => dims.map((d) => density(images.map((j) => q(i, j, d))))));
    const logPosterior = sum(images.flatMap((i) => dims.map((d) => Math.log(q(i, i, d)))));
    const logPrior = sum(zs.flat().map((z) => logNormal(z)));
    const step = tinyStep(vae, 1, { beta: 3, trainingCount });
    const parts = tf.tidy(() => {
      const found = decomposeKl(latentBy(step, step.noise), step.posterior(), trainingCount);
      return Object.values(found).map(numberOf);
    });
    const expected = [logPosterior - logJoint, logJoint - logProduct, logProduct - logPrior];
    for (const [i, part] of parts.entries()) expect(part).toBeCloseTo(expected[i]!, 3);
    expect(sum(parts)).toBeCloseTo(logPosterior - logPrior, 3);
    const reconstruction = sum(images.map((image) => plain.nll(image, zs[image]!)));
    const loss = reconstruction + expected[0]! + 3 * expected[1]! + expected[2]!;
    expect(lossOf(objectiveOf({ objective: "beta-tcvae" }), step)).toBeCloseTo(loss, 3);
  });
});

describe("the RAE", () => {
  it("has no noise, and penalises latents and the decoder's weights", () => {
    const options = { ...plainOptions, decoderDecay: 0.01 };
    const step = tinyStep(vae, 1, { beta: 0.5, options });
    const expected = sum(
      images.map((image) => {
        const z = plain.mu[image]!;
        const squares = sum(z.map((value) => value ** 2));
        return plain.nll(image, z) + 0.25 * squares + 0.01 * sum(plain.decoder.map((value) => value ** 2));
      }),
    );
    expect(lossOf(rae, step)).toBeCloseTo(expected, 4);
    expect(lossOf(rae, { ...step, noise: tf.mul(step.noise, 5) })).toBe(lossOf(rae, step));
  });
});

describe("the conditional VAE", () => {
  it("encodes by the heads of an image's digit, and decodes z beside that digit", async () => {
    const cvae = objectiveOf({ objective: "cvae" });
    const conditional = await tinyVae(cvae);
    const [before, given] = [plain, await inNumbers(conditional)];
    plain = given;
    const reconstruction = sum(images.map((image) => plain.nll(image, drawn(image))));
    const kl = sum(images.flatMap((image) => dims.map((d) => klOf(image, d))));
    plain = before;
    expect(lossOf(cvae, tinyStep(conditional, 1, { beta: 2 }))).toBeCloseTo(reconstruction + 2 * kl, 4);
    conditional.dispose();
  });
});

describe("gradients", () => {
  // Those of the IWAE's encoder are others by design.
  it.each(objectiveNames)("of %s are those of finite differences", async (name) => {
    const objective = objectiveOf({ objective: name });
    const model = await tinyVae(objective);
    const options = { ...plainOptions, freeBits: 0.05, importanceSamples: 3, decoderDecay: 0.01 };
    const draws = objective.draws?.(options) ?? 1;
    const loss = () => objective.loss(tinyStep(model, draws, { options, beta: 2 })).loss;
    const variables = [...model.variables].filter(([key]) => draws === 1 || key.startsWith("decoder"));
    const grads = tf.tidy(() => {
      const found = tf.variableGrads(
        loss,
        variables.map(([, variable]) => variable),
      );
      return variables.map(([, variable]) => [...found.grads[variable.name]!.dataSync()]);
    });
    for (const [i, [key, variable]] of variables.entries()) {
      const values = Float32Array.from(variable.dataSync());
      const shifted = (at: number, by: number) =>
        tf.tidy(() => {
          const moved = values.with(at, values[at]! + by);
          variable.assign(tf.tensor(moved, variable.shape));
          return numberOf(loss());
        });
      for (const at of values.keys()) {
        const difference = (shifted(at, 0.01) - shifted(at, -0.01)) / 0.02;
        expect(Math.abs(grads[i]![at]! - difference), `${key} ${at}`).toBeLessThan(0.004);
      }
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
    model.dispose();
  });
});
