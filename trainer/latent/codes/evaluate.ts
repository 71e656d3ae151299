// Evaluates a model with codes: what its two stages cost, how it uses its codebook, and what it draws. A discrete latent has
// no posterior to sample, so no importance-weighted bound, no active units, no means.

import { createDecoder } from "../../../shared/decoder/decoder.ts";
import type { CodesLatent } from "../../../shared/latent/codes/latent.ts";
import { size } from "../../../shared/model/spec.ts";
import type { Loss } from "../../../shared/release/release.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import type { LabelledImages } from "../../data/batch.ts";
import { type EvaluationSet, type Measured, SEED, type Subject } from "../../evaluate/evaluation-set.ts";
import { findDivergence } from "../../evaluate/failure.ts";
import { bernoulliNll } from "../../math/bernoulli.ts";
import { logSumExp } from "../gaussian/bound.ts";
import { encodeImages, latentsOf } from "../points.ts";
import { perplexityOf } from "./bottleneck.ts";
import { cellEntropies, codesInformation, countCodes } from "./cells.ts";

const BATCH = 12;
/** The prior's own, and below it: fewer illegible digits, and less variety. */
export const TEMPERATURES = [1, 0.9, 0.8] as const;
/** Names of figures and of draws. */
const GIVEN_DIGIT = "Negative ELBO given the digit, nats";
export const CODES_BITS = "Codes, bits given the digit";
export const CODES_USED = "Codes in use";
export const PRIOR_DRAWS = "prior";
export const drawsAt = (temperature: number) =>
  temperature === 1 ? PRIOR_DRAWS : `${PRIOR_DRAWS} at temperature ${temperature}`;

/**
 * All figures of one set of weights.
 * @param onProgress  called with what is being done
 */
export async function evaluateCodes(
  { spec, encoder, decoder, latent }: Subject & { readonly latent: CodesLatent },
  { images, labels }: EvaluationSet,
  onProgress: (task: string) => void = () => {},
): Promise<Measured> {
  const { logits } = createDecoder(loadDecodeKernels(), spec, decoder, { maxBatch: BATCH });
  const encode = (of: LabelledImages) => encodeImages(spec, encoder, latent.encode, of);
  onProgress("its codes");
  const points = encode({ images, labels });
  const codes = points.map(({ values }) => values);
  const seen = { images, labels, codes, logits: logits(latentsOf(points)) };
  const { loss, klGivenDigit } = lossesOf(size(spec.input), latent, seen, onProgress);
  const givenDigit = loss.reconstruction + klGivenDigit;
  const bits = klGivenDigit / Math.LN2;
  const counts = Float64Array.from(countCodes(codes, latent.grid));
  const used = counts.filter((n) => n > 0).length;
  const perplexity = perplexityOf(counts);
  const byCell = cellEntropies(codes, latent.grid).reduce((sum, nats) => sum + nats, 0) / Math.LN2;
  const information = codesInformation(codes) / Math.LN2;
  return {
    loss,
    figures: [
      { name: GIVEN_DIGIT, value: givenDigit, text: givenDigit.toFixed(2) },
      { name: CODES_BITS, value: bits, text: bits.toFixed(1) },
      { name: "\u2003by the frequencies of each cell", value: byCell, text: byCell.toFixed(1) },
      {
        name: "Mutual information I(n; codes), bits",
        value: information,
        text: `${information.toFixed(2)} of at most ${Math.log2(labels.length).toFixed(2)}`,
      },
      { name: CODES_USED, value: used, text: `${used} of ${counts.length}` },
      { name: "Perplexity of the codes", value: perplexity, text: perplexity.toFixed(1) },
    ],
    failure: findDivergence(loss, size(spec.input)) ?? findCodebookCollapse(used, counts.length),
    reconstruct: (of) => logits(latentsOf(encode(of))),
    draws: TEMPERATURES.map((temperature) => ({
      name: drawsAt(temperature),
      digits: labels,
      logits: () => {
        const draws = Array.from(labels, (digit, i) => latent.draw(`${SEED}/${i}`, { digit, temperature }));
        return logits(latentsOf(draws));
      },
    })),
  };
}

/** Whether fewer than half of the codes are in use, in one sentence. */
export function findCodebookCollapse(used: number, size: number): string | undefined {
  if (used >= size / 2) return undefined;
  return `codebook collapse: ${used} of ${size} codes in use; a smaller codebook would do as well`;
}

/** Nats per image; the KL is -log p(codes), summed over the digits by their shares, or -log p(codes | digit). */
function lossesOf(
  pixels: number,
  { nats, shares }: CodesLatent,
  seen: LabelledImages & { readonly codes: readonly Uint16Array[]; readonly logits: Float32Array },
  onProgress: (task: string) => void,
): { readonly loss: Loss; readonly klGivenDigit: number } {
  const count = seen.labels.length;
  let [reconstruction, kl, klGivenDigit] = [0, 0, 0];
  seen.labels.forEach((label, i) => {
    if (i % 100 === 0) onProgress(`what its codes cost, image ${i} of ${count}`);
    const from = i * pixels;
    reconstruction += bernoulliNll(seen.logits.subarray(from, from + pixels), seen.images, from) / count;
    const codes = seen.codes[i]!;
    const byDigit = Float64Array.from(shares, (_, digit) => nats(codes, digit));
    kl -= logSumExp(byDigit.map((cost, digit) => Math.log(shares[digit]!) - cost)) / count;
    klGivenDigit += byDigit[label]! / count;
  });
  return { loss: { reconstruction, kl, total: reconstruction + kl }, klGivenDigit };
}
