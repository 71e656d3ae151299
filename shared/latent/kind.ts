// Which kind of latent a model has: the one place that asks.

import type { Latent, ModelSpec } from "../model/spec.ts";
import { codesKind } from "./codes/kind.ts";
import { conditionalKind } from "./conditional/kind.ts";
import { flowKind } from "./flow/kind.ts";
import { gaussianKind } from "./gaussian/kind.ts";
import type { LatentKind } from "./latent-kind.ts";

const KINDS: Readonly<Record<Latent["kind"], LatentKind>> = {
  gaussian: gaussianKind,
  codes: codesKind,
  flow: flowKind,
  conditional: conditionalKind,
};

/** Those that this version draws by. */
export const SCHEMES: readonly string[] = [...new Set(Object.values(KINDS).map(({ scheme }) => scheme))];

export function kindOf({ latent }: Pick<ModelSpec, "latent">): LatentKind {
  return KINDS[latent.kind];
}

/**
 * Numbers that a model's decoder takes.
 * @throws SpecError
 */
export function latentDim(spec: ModelSpec): number {
  return kindOf(spec).dim(spec);
}
