// Which objective a run is trained by: the one place that asks.

import { betaTcvae } from "./beta-tcvae.ts";
import { betaVae } from "./beta-vae.ts";
import { cvae } from "./cvae.ts";
import { iwae } from "./iwae.ts";
import type { Objective } from "./objective.ts";
import { type ObjectiveOption, objectiveOptions } from "./options.ts";
import { rae } from "./rae.ts";
import { vae } from "./vae.ts";

const OBJECTIVES = {
  vae,
  "beta-vae": betaVae,
  iwae,
  "beta-tcvae": betaTcvae,
  rae,
  cvae,
} as const satisfies Record<string, Objective>;

export type ObjectiveName = keyof typeof OBJECTIVES;
export const objectiveNames = Object.keys(OBJECTIVES) as [ObjectiveName, ...ObjectiveName[]];

/** That of runs that choose none; with its default beta of 1 it is the VAE. */
export const DEFAULT_OBJECTIVE = "beta-vae" satisfies ObjectiveName;

export function objectiveOf({ objective }: { readonly objective: ObjectiveName }): Objective {
  return OBJECTIVES[objective];
}

/** Why an option has no effect on an objective; undefined if it takes the option, or is not concerned. */
export function whyUnused(option: string, objective: ObjectiveName): string | undefined {
  if (!(option in objectiveOptions)) return undefined;
  const takes: readonly ObjectiveOption[] = OBJECTIVES[objective].takes;
  return takes.some((taken) => taken === option) ? undefined : `objective ${objective} does not use it`;
}

/** All of them in one sentence, for --help. */
export const describedObjectives = Object.entries(OBJECTIVES)
  .map(([name, { summary }]) => `${name}, ${summary}`)
  .join("; ");
