// Which kind of latent a model has: the one place in the trainer that asks.

import type { ModelSpec } from "../../shared/model/spec.ts";
import { codesKind } from "./codes/kind.ts";
import { gaussianKind } from "./gaussian/kind.ts";
import type { LatentKind } from "./latent-kind.ts";

export function kindOf(spec: ModelSpec): LatentKind {
  return spec.codes ? codesKind : gaussianKind;
}
