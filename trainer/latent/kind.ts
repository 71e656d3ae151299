// Which kind of latent a model has: the one place in the trainer that asks.

import type { Latent, ModelSpec } from "../../shared/model/spec.ts";
import { codesKind } from "./codes/kind.ts";
import { conditionalKind } from "./conditional/kind.ts";
import { flowKind } from "./flow/kind.ts";
import { gaussianKind } from "./gaussian/kind.ts";
import type { LatentKind } from "./latent-kind.ts";
import { stageFile } from "./stages.ts";

const KINDS: Readonly<Record<Latent["kind"], LatentKind>> = {
  gaussian: gaussianKind,
  codes: codesKind,
  flow: flowKind,
  conditional: conditionalKind,
};

/** Checkpoints that a run's folder may hold beside that of the first stage. */
export const STAGE_FILES = Object.values(KINDS).flatMap(({ stages }) => stages.map(stageFile));

export function kindOf({ latent }: ModelSpec): LatentKind {
  return KINDS[latent.kind];
}
