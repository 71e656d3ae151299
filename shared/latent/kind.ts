// Which kind of latent a model has: the one place that asks.

import { grainOf } from "../decoder/noise.ts";
import { ArgumentError } from "../errors.ts";
import { hasNoise, type Latent, type ModelSpec } from "../model/spec.ts";
import { codesKind } from "./codes/kind.ts";
import { conditionalKind } from "./conditional/kind.ts";
import { flowKind } from "./flow/kind.ts";
import { gaussianKind } from "./gaussian/kind.ts";
import { GRAIN_SCHEME, withGrain } from "./grain.ts";
import type { LatentKind, OpenLatent } from "./latent-kind.ts";

const KINDS: Readonly<Record<Latent["kind"], LatentKind>> = {
  gaussian: gaussianKind,
  codes: codesKind,
  flow: flowKind,
  conditional: conditionalKind,
};

/** Those that this version draws by. */
export const SCHEMES: readonly string[] = [
  ...new Set(Object.values(KINDS).flatMap(({ scheme }) => [scheme, `${scheme}+${GRAIN_SCHEME}`])),
];

export function kindOf({ latent }: Pick<ModelSpec, "latent">): LatentKind {
  return KINDS[latent.kind];
}

/** Arithmetic that turns a seed into a model's pixels. */
export function schemeOf(spec: ModelSpec): string {
  const { scheme } = kindOf(spec);
  return hasNoise(spec) ? `${scheme}+${GRAIN_SCHEME}` : scheme;
}

/**
 * Numbers that a model's decoder takes; a grain may follow them where it has noise.
 * @throws SpecError
 */
export function latentDim(spec: ModelSpec): number {
  return kindOf(spec).dim(spec);
}

/** Reads a release's latent, with its grain; takes and throws what LatentKind's own does. */
export async function openLatent(spec: ModelSpec, ...from: Parts): Promise<OpenLatent> {
  const latent = await kindOf(spec).open(spec, ...from);
  return hasNoise(spec) ? withGrain(latent, latentDim(spec)) : latent;
}
type Parts = Parameters<LatentKind["open"]> extends [ModelSpec, ...infer Rest] ? Rest : never;

/**
 * @param model  what the message calls it
 * @throws ArgumentError for numbers that are no latent of the model
 */
export function checkLatent(spec: ModelSpec, values: readonly number[], model: string): void {
  const dim = latentDim(spec);
  const { length } = values;
  if (!hasNoise(spec) || length === dim) {
    kindOf(spec).checkInput(spec, values, model);
    return;
  }
  if (length !== dim + 1) {
    throw new ArgumentError(
      `a latent of ${model} has ${dim} numbers, or ${dim + 1} with its grain, found ${length}`,
    );
  }
  grainOf(values, dim);
}
