// Which backends train a grid of codes: those that have the quantizer's and the gate's operations.

import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { BackendName } from "../../backend/registry.ts";
import { BackendError } from "../../errors.ts";

/** In order of preference. */
const CODES_BACKENDS: readonly string[] = ["wasm", "cpu"] satisfies BackendName[];

/** What "auto" means for a model: with codes, the best of the backends that can train them. */
export function backendFor<Choice extends string>({ codes }: ModelSpec, choice: Choice): Choice | "wasm" {
  return codes && choice === "auto" ? "wasm" : choice;
}

/** @throws BackendError for a model with codes on a backend that cannot train it */
export function checkCodesBackend({ codes }: ModelSpec, backend: string): void {
  if (!codes || CODES_BACKENDS.includes(backend)) return;
  throw new BackendError(
    `Backend "${backend}" trains no model with codes; choose --backend ${CODES_BACKENDS.join(" or ")}.`,
  );
}
