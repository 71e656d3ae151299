// How the frozen vectors of picture format 2 are computed: digits that decoders with fixed weights give for 60 seeds, drawn
// at several sizes in several hands, and their outlines. test/vectors/picture-2.json holds the answers; it is never edited.

import { createDecoder } from "../../shared/decoder/decoder.ts";
import { type Hand, PLAIN_HAND, shearOf } from "../../shared/image/ink/hand.ts";
import { openInk } from "../../shared/image/ink/ink.ts";
import { traceField } from "../../shared/image/ink/outline.ts";
import type { Digit } from "../../shared/image/raster.ts";
import { sampleLatent } from "../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { bitsOf, hashOf, models, seeds } from "./frozen.ts";

export const PICTURE_2 = "picture-2";
export const inkSeeds = seeds.slice(0, 60);

const SIZES = [28, 29, 56, 100, 280, 512];
const HANDS: readonly Hand[] = [
  PLAIN_HAND,
  { slant: -30, weight: 0.7 },
  { slant: 13, weight: 1 },
  { slant: 0, weight: 1.25 },
  { slant: 30, weight: 1.6 },
];

/** The decoders of scheme s1, and one of them with the other activation. */
export const inkDecoders = [
  ...models,
  ...models
    .slice(-1)
    .map(({ name, spec, weights }) => ({ name: `${name} hard`, spec: harden(spec), weights })),
];

function harden(spec: ModelSpec): ModelSpec {
  const decoder = spec.decoder.map((layer) =>
    "activation" in layer && layer.activation === "sigmoid"
      ? { ...layer, activation: "hardSigmoid" as const }
      : layer,
  );
  return { ...spec, decoder };
}

/** Size and hand of a seed's digit. */
export function drawingOf(index: number): { readonly size: number; readonly hand: Hand } {
  return { size: SIZES[index % SIZES.length]!, hand: HANDS[index % HANDS.length]! };
}

/** The digits of a decoder, for every seed. */
export function inkDigits(
  kernels: WebAssembly.Module,
  { spec, weights }: (typeof inkDecoders)[number],
): Digit[] {
  const decoder = createDecoder(kernels, spec, weights);
  return decoder.images(inkSeeds.map((seed) => sampleLatent(seed, latentDim(spec))));
}

/** What the kernels draw. */
export function computeInk(kernels: WebAssembly.Module) {
  const ink = openInk(kernels);
  return {
    decoders: inkDecoders.map((decoder) => {
      const digits = inkDigits(kernels, decoder);
      const fields = digits.map((digit, i) => ink.field(digit, drawingOf(i).hand));
      return {
        model: decoder.name,
        firstField: hashOf(fields[0]!.coefficients),
        levels: bitsOf(Float32Array.from(fields, ({ level }) => level)),
        pixels: digits.map((digit, i) => {
          const { size, hand } = drawingOf(i);
          return hashOf(ink.draw(digit, size, hand).pixels);
        }),
        beyond: hashOf(ink.draw(digits[1]!, 90, HANDS[4]!, { left: -26, width: 142 }).pixels),
        outlines: digits.slice(0, 20).map((digit, i) => {
          const points = traceField(fields[i]!, digit.width, shearOf(drawingOf(i).hand)).flat(2);
          return hashOf(new Uint8Array(Float64Array.from(points).buffer));
        }),
      };
    }),
  };
}
