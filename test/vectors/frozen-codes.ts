// How the frozen vectors of scheme vq1 are computed: codes that fixed weights of the `vq` preset draw for 200 seeds, and
// the pixels that they become. test/vectors/vq1.json holds the answers; it is never edited.

import { createDecoder } from "../../shared/decoder/decoder.ts";
import { createCodesLatent } from "../../shared/latent/codes/latent.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import { presets } from "../../shared/model/presets.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { drawWeights } from "../fixture.ts";
import { drawPriorWeights } from "../shared/latent/codes/code-models.ts";
import { hashOf, seeds } from "./frozen.ts";

/** The preset's size of the codebook may change; that of the frozen weights may not. */
export const spec: ModelSpec = {
  ...presets.vq,
  latent: { ...presets.vq.latent, codebook: { version: 1, size: 128, dim: 16 } },
};
/** Every tenth, so that the ones that are harder to get right are among them. */
export const codeSeeds = seeds.filter((_, i) => i % 10 === 3);
export const weights = drawPriorWeights(spec, "vectors/vq", false);

/** Ways of drawing that are frozen: the digit left to the seed, and digits at temperatures. */
export const choices = [
  { temperature: 1 },
  { digit: 0, temperature: 0 },
  { digit: 4, temperature: 0.5 },
  { digit: 9, temperature: 2 },
] as const;

export interface FrozenCodes {
  readonly firstCodes: readonly number[];
  /** By choice, by seed. */
  readonly codes: readonly (readonly string[])[];
  readonly digits: readonly number[];
  /** Of the first choice, by seed. */
  readonly pixels: readonly string[];
}

/** What the kernels draw. */
export function computeCodes(kernels: WebAssembly.Module): FrozenCodes {
  const model = createCodesLatent(kernels, spec, weights);
  const decoder = createDecoder(kernels, spec, drawWeights(planDecoder(spec), "vectors/vq", 0.1));
  const drawn = choices.map((choice) => codeSeeds.map((seed) => model.draw(seed, choice)));
  const bytesOf = (codes: Uint16Array) => Uint8Array.from([...codes].flatMap((c) => [c & 255, c >> 8]));
  return {
    firstCodes: [...drawn[0]![0]!.values],
    codes: drawn.map((list) => list.map(({ values }) => hashOf(bytesOf(values)))),
    digits: drawn[0]!.map(({ digit }) => digit),
    pixels: drawn[0]!.map(({ latent }) => hashOf(decoder.image(latent).pixels)),
  };
}
