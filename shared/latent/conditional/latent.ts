// The latent of a conditional VAE, ready to use: z from N(0, I), whatever the digit.

import { createGenerator, sampleNormal } from "../../arithmetic/random.ts";
import { ArgumentError } from "../../errors.ts";
import { CLASSES, checkDigit, chooseDigit } from "../classes.ts";
import type { OpenLatent } from "../latent-kind.ts";
import { walkLatents } from "../walk.ts";

/** Each digit is as likely as another where none is asked for. */
const SHARES = Array.from({ length: CLASSES }, () => 1 / CLASSES);

/** The decoder's input: z, then 1 at the digit's place among CLASSES zeros. */
export function joinDigit(z: Float32Array, digit: number): Float32Array {
  const latent = new Float32Array(z.length + CLASSES);
  latent.set(z);
  latent[z.length + digit] = 1;
  return latent;
}

/**
 * The parameters of q(z|x, digit) among the encoder's outputs, which have [mu, logVar] for each digit.
 * @param outputs  float32 [CLASSES * 2 * dim]
 */
export function headsOf(outputs: Float32Array, digit: number): Float32Array {
  const each = outputs.length / CLASSES;
  return outputs.subarray(digit * each, (digit + 1) * each);
}

/** @param dim  of z */
export function createConditionalLatent(dim: number): OpenLatent {
  const draw: OpenLatent["draw"] = (seed, { digit, temperature = 1 }) => {
    const next = createGenerator(seed);
    const chosen = chooseDigit(next, SHARES, { digit, temperature });
    const z = sampleNormal(next, new Float32Array(dim)).map((value) => temperature * value);
    const latent = joinDigit(z, chosen);
    return { seed, digit: chosen, latent, numbers: { latent } };
  };
  return {
    digits: [...SHARES.keys()],
    draw,
    drawAll: (requests) => requests.map(({ seed, ...choice }) => draw(seed, choice)),
    // An arc between latents, and a straight line between digits.
    walk: (draws, walk) => {
      const part = (from: number, to?: number) => draws.map(({ latent }) => latent.slice(from, to));
      const digits = walkLatents(part(dim), { ...walk, path: "lerp" });
      return walkLatents(part(0, dim), walk).map((z, i) => {
        const latent = Float32Array.of(...z, ...digits[i]!);
        return { latent, numbers: { latent } };
      });
    },
    encode: (outputs, digit) => {
      if (digit === undefined) throw new ArgumentError("the encoder of a conditional VAE needs the digit");
      checkDigit(digit);
      const heads = headsOf(outputs, digit);
      const [mu, logVar] = [heads.slice(0, dim), heads.slice(dim)];
      return { latent: joinDigit(mu, digit), numbers: { mu, logVar } };
    },
    nearest: (latent) => ({ latent, values: latent }),
    decode: (values) => Float32Array.from(values),
    bytes: 0,
  };
}
