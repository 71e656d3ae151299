// Which backends train a kind of latent: all of them, or those that have its operations.

import type { BackendName } from "../backend/registry.ts";
import { BackendError } from "../errors.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import type { TrainingConfig } from "../train/config.ts";
import type { LatentKind } from "./latent-kind.ts";

type Trained = Pick<LatentKind, "backends" | "described">;

/** Those that run whatever tfjs operations a kind is made of; the engine of "webgpu" has Gaussian latents only. */
export const BY_OPERATIONS: readonly BackendName[] = ["tensorflow-gpu", "tensorflow", "wasm", "cpu"];

/** What trains a configuration: the kind's own backends, without webgpu's engine where it lacks the objective. */
export function trainedBy(
  kind: Trained,
  config: Pick<TrainingConfig, "objective" | "freeBits" | "likelihood">,
): Trained {
  const lacking = [
    ...(objectiveOf(config).isInEngine ? [] : [`by objective ${config.objective}`]),
    ...(config.freeBits > 0 ? ["with free bits"] : []),
    ...(config.likelihood === "bernoulli" ? [] : [`with --likelihood ${config.likelihood}`]),
  ];
  return kind.backends || lacking.length === 0 ? kind : { described: lacking[0]!, backends: BY_OPERATIONS };
}

/** @throws BackendError for a backend that cannot train a kind */
export function checkBackend({ backends, described }: Trained, backend: string): void {
  if (!backends || backends.some((name) => name === backend)) return;
  throw new BackendError(
    `backend "${backend}" does not train models ${described}; expected --backend ${backends.join(", ")}`,
  );
}
