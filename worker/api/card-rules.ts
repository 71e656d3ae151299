// Checks of a request by the model's card: what the model cannot draw, and which parameters make no difference to it. Only
// the card is read for that, and a refusal precedes a 304.

import { ArgumentError, SamplerError } from "../../shared/errors.ts";
import { kindOf } from "../../shared/latent/kind.ts";
import type { LatentChoice, OpenLatent } from "../../shared/latent/latent-kind.ts";
import type { Card } from "../../shared/release/release.ts";

/**
 * @param model  name@version
 * @returns names of parameters that may be omitted for this model without changing the picture
 * @throws SamplerError, InvalidParameterError
 */
export type CardRule = (card: Card, model: string) => readonly string[];

/** What a request says about drawing, its digits aside. */
type Sampling = Pick<LatentChoice, "sampler" | "guidance">;

/** For routes that draw from seeds; undefined if the request specifies neither sampler nor guidance nor digit. */
export function samplingRule(
  { sampler, guidance }: Sampling,
  digits: readonly number[],
): CardRule | undefined {
  if (sampler === undefined && guidance === undefined && digits.length === 0) return undefined;
  return ({ spec, files }) => {
    const kind = kindOf(spec);
    kind.checkChoice({ sampler, guidance, digit: digits[0] }, files);
    return [
      ...(sampler === kind.samplers(files)[0]!.name ? ["sampler"] : []),
      ...(guidance === kind.guidance?.(spec) ? ["guidance"] : []),
    ];
  };
}

/**
 * Refuses a model without classes, or a sampler that ignores them.
 * @throws SamplerError
 */
export const numberRule =
  (sampling: Sampling, digits: readonly number[]): CardRule =>
  (card, model) => {
    if (
      !kindOf(card.spec)
        .samplers(card.files)
        .some(({ takesDigit }) => takesDigit)
    ) {
      throw new SamplerError(
        `${model} has no mixture, so it cannot draw a given digit; choose another model from /models`,
      );
    }
    return samplingRule(sampling, digits)!(card, model);
  };

/**
 * Refuses digits that were not in the training data, which only the latent itself knows.
 * @throws ArgumentError
 */
export function checkDigits(digits: readonly number[], latent: OpenLatent): void {
  const missing = digits.find((digit) => !latent.digits.includes(digit));
  if (missing !== undefined) throw new ArgumentError(`the model was not trained on digit ${missing}`);
}
