// The trainer's own errors. The command line prints their message and exits with 1 (2 for UsageError).

import { EdgeDigitsError } from "../shared/errors.ts";

/** A command line with unknown, malformed or contradictory arguments. */
export class UsageError extends EdgeDigitsError {}

/** A data file that is missing, damaged, or not the one it should be. */
export class DatasetError extends EdgeDigitsError {}

/** A run folder in which no run can be started, or whose run cannot be resumed or released. */
export class RunError extends EdgeDigitsError {}

/** Losses or weights that are no longer finite. */
export class DivergenceError extends EdgeDigitsError {}

/** A selected backend that does not work here. */
export class BackendError extends EdgeDigitsError {}

/** A release whose quality is below what may be published. */
export class GateError extends EdgeDigitsError {}

/** A bucket that refused, or that another publisher changed meanwhile. */
export class PublishError extends EdgeDigitsError {}

/** Whether an error has a system error code, such as ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** The root cause of a library's or the system's error: fetch wraps network errors without a message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  // Wrangler's causes may be plain objects, which say nothing.
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
