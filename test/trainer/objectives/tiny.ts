// A VAE of four pixels and two latents, small enough to compute by hand.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { kindOf } from "../../../trainer/latent/kind.ts";
import { LIKELIHOODS } from "../../../trainer/model/likelihood.ts";
import { openStep, type StepContext } from "../../../trainer/model/step.ts";
import { buildVae, type Vae } from "../../../trainer/model/vae.ts";
import type { Objective, Step } from "../../../trainer/objectives/objective.ts";
import { plainOptions } from "../../../trainer/objectives/options.ts";

export const IMAGES = 3;
export const [PIXELS, DIMS] = [4, 2];

const spec: ModelSpec = {
  input: [2, 2, 1],
  latent: { kind: "gaussian", dim: DIMS },
  encoder: [{ kind: "flatten" }],
  decoder: [
    { kind: "dense", units: PIXELS, activation: "sigmoid" },
    { kind: "reshape", shape: [2, 2, 1] },
  ],
};

/** On the images, for what takes them. */
export const digits = Uint8Array.of(7, 0, 3);

export const pixels = [0.9, 0.1, 0.3, 0.7, 0.2, 0.8, 0.6, 0, 1, 0.5, 0.4, 0.1];

export async function tinyVae({ adapt }: Pick<Objective, "adapt"> = {}): Promise<Vae> {
  await selectBackend("wasm");
  const adapted = adapt?.(spec) ?? spec;
  return buildVae(adapted, "tiny", kindOf(adapted).createBottleneck);
}

/** @param draws  of noise for each image */
export function tinyStep(vae: Vae, draws = 1, context: Partial<StepContext> = {}): Step {
  const images = tf.tensor4d(pixels, [IMAGES, 2, 2, 1]);
  const noise = tf.tensor2d(noiseOf(draws), [IMAGES * draws, DIMS]);
  const all = {
    options: plainOptions,
    beta: 1,
    trainingCount: 100,
    likelihood: LIKELIHOODS.bernoulli,
    ...context,
  };
  return openStep(vae, { inputs: images, targets: images, digits }, noise, all);
}

export function noiseOf(draws: number): Float32Array {
  return sampleNormal(createGenerator("noise"), new Float32Array(IMAGES * draws * DIMS));
}

/** The same in plain numbers: q(z|x) of each image, and -log p(x|z). */
export async function inNumbers(vae: Vae) {
  const read = async (name: string) => [...(await vae.variables.get(name)!.data())];
  const isConditional = vae.spec.latent.kind === "conditional";
  const [we, be] = [await read("encoder_1/kernel"), await read("encoder_1/bias")];
  const [wd, bd] = [await read("decoder_0/kernel"), await read("decoder_0/bias")];
  const outputs = Array.from({ length: IMAGES }, (_, i) =>
    be.map((bias, j) =>
      pixels
        .slice(i * PIXELS, (i + 1) * PIXELS)
        .reduce((sum, pixel, p) => sum + pixel * we[p * be.length + j]!, bias),
    ),
  );
  const heads = outputs.map((row, i) => {
    const from = isConditional ? digits[i]! * 2 * DIMS : 0;
    return row.slice(from, from + 2 * DIMS);
  });
  return {
    mu: heads.map((row) => row.slice(0, DIMS)),
    logVar: heads.map((row) => row.slice(DIMS)),
    nll: (image: number, z: readonly number[]) =>
      bd.reduce((sum, bias, p) => {
        const ofDigit = isConditional ? wd[(DIMS + digits[image]!) * PIXELS + p]! : 0;
        const logit = z.reduce((acc, value, d) => acc + value * wd[d * PIXELS + p]!, bias + ofDigit);
        const pixel = 1 / (1 + Math.exp(-logit));
        const target = pixels[image * PIXELS + p]!;
        return sum - target * Math.log(pixel) - (1 - target) * Math.log(1 - pixel);
      }, 0),
    decoder: [...wd, ...bd],
  };
}

/** log N(z; mu, exp(logVar)). */
export function logNormal(z: number, mu = 0, logVar = 0): number {
  return -0.5 * ((z - mu) ** 2 / Math.exp(logVar) + logVar + Math.log(2 * Math.PI));
}
