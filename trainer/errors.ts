// Failures of the trainer's own. The command line prints their message and exits with 1 (2 for UsageError).

import { EdgeDigitsError } from "../shared/errors.ts";

/** A command line that asks for something unknown, badly formed or contradictory. */
export class UsageError extends EdgeDigitsError {}

/** A data file that is missing, damaged or not what its name says. */
export class DatasetError extends EdgeDigitsError {}

/** A run folder that cannot be started in, resumed or released. */
export class RunError extends EdgeDigitsError {}

/** Losses that stopped being numbers. */
export class DivergenceError extends EdgeDigitsError {}

/** A backend that was asked for and cannot work here. */
export class BackendError extends EdgeDigitsError {}

/** A release whose quality is below what may be published. */
export class GateError extends EdgeDigitsError {}

/** A bucket that refused, or that another publisher changed meanwhile. */
export class PublishError extends EdgeDigitsError {}

/** Whether an error is one of the system's, such as ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** The root cause of an error of a library or the system: fetch wraps network errors without a message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message || error.name : reasonOf(error.cause);
}
