// Which backends train a kind of latent: all of them, or those that have its operations.

import { BackendError } from "../errors.ts";
import type { LatentKind } from "./latent-kind.ts";

type Trained = Pick<LatentKind, "backends" | "described">;

/** What "auto" means for a kind: the best of the backends that train it. */
export function backendFor<Choice extends string>({ backends }: Trained, choice: Choice) {
  return (choice === "auto" && backends?.[0]) || choice;
}

/** @throws BackendError for a backend that cannot train a kind */
export function checkBackend({ backends, described }: Trained, backend: string): void {
  if (!backends || backends.some((name) => name === backend)) return;
  throw new BackendError(
    `Backend "${backend}" does not train models ${described}; choose --backend ${backends.join(" or ")}.`,
  );
}
