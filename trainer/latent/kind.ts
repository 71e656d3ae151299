// Which kind of latent a model has: the one place in the trainer that asks.

import type { Latent, ModelSpec } from "../../shared/model/spec.ts";
import { codesKind } from "./codes/kind.ts";
import { gaussianKind } from "./gaussian/kind.ts";
import type { LatentKind } from "./latent-kind.ts";

const KINDS: Readonly<Record<Latent["kind"], LatentKind>> = { gaussian: gaussianKind, codes: codesKind };

export function kindOf(spec: ModelSpec): LatentKind {
  return KINDS[spec.latent.kind];
}
