// Conditional VAEs (Sohn et al. 2015): trained, evaluated and reported like any model, but not served.

import { createEncoder } from "../../../shared/decoder/encoder.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { conditionalKind as served } from "../../../shared/latent/conditional/kind.ts";
import { createConditionalLatent, headsOf, joinDigit } from "../../../shared/latent/conditional/latent.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { drawLatents } from "../../train/pictures.ts";
import { BY_OPERATIONS } from "../backends.ts";
import { gaussianKind } from "../gaussian/kind.ts";
import { posteriorSample } from "../gaussian/posterior-sample.ts";
import type { LatentKind, Passage } from "../latent-kind.ts";
import { conditionalBottleneck } from "./bottleneck.ts";
import { CONDITIONAL_DRAWS, evaluateConditional } from "./evaluate.ts";

const dimOf = (spec: ModelSpec) => latentDim(spec) - CLASSES;

/** Of the digit's own heads; the noise has more numbers than z needs. */
const passage: Passage = (outputs, noise, label) => {
  const heads = headsOf(outputs, label);
  const { z, kl } = posteriorSample(heads, noise.subarray(0, heads.length / 2), label);
  return { z: joinDigit(z, label), kl };
};

export const conditionalKind: LatentKind = {
  ...gaussianKind,
  ...served,
  described: "that are given the digit",
  unserved: "its encoder needs the digit, which /encode and /reconstruct are not told",
  backends: BY_OPERATIONS,
  createBottleneck: conditionalBottleneck,
  drawSamples: (vae, seed) => {
    const { draw } = createConditionalLatent(dimOf(vae.spec));
    const latents = Array.from(
      { length: 8 * CLASSES },
      (_, i) => draw(`${seed}/sample/${i}`, { digit: i % CLASSES }).latent,
    );
    return drawLatents(vae, latents, CLASSES);
  },
  // Half of them the images' means, half draws.
  typicalLatents: (spec, tensors, images, digits) => {
    const { encode } = createEncoder(loadDecodeKernels(), spec, tensors);
    const latent = createConditionalLatent(dimOf(spec));
    return images.flatMap((image, i) => [
      latent.encode(encode(image), digits[i]!).latent,
      latent.draw(`calibration/${i}`, { digit: digits[i]! }).latent,
    ]);
  },
  pack: async () => ({ passages: { float: passage, quantized: passage }, files: async () => new Map() }),
  openFloat: async ({ config: { spec } }) => createConditionalLatent(dimOf(spec)),
  evaluate: evaluateConditional,
  report: {
    ...gaussianKind.report,
    // Its means and its KL are those of ten encoders, one for each digit.
    anatomy: () => ({ figures: [] }),
    isGivenDigit: true,
    words: {
      ...gaussianKind.report.words,
      latents: "Means of q(z|x, digit), with the digit",
      encoder: "Encoder, to means and log-variances for each digit",
      classes: "its decoder, which is given the digit",
    },
    digits: () => ({
      source: "from N(0, I), given the digit",
      others: "As many from N(0, I), of digits chosen by the seed.",
      alt: "Digits from N(0, I)",
    }),
    byClass: CONDITIONAL_DRAWS,
  },
};
