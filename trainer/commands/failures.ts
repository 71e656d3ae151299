// How every command ends: one line on standard error and an exit code for any failure; a stack trace only for our own bugs.

import { EdgeDigitsError, SeedError } from "../../shared/errors.ts";
import { reasonOf, UsageError } from "../errors.ts";

/** For --help. */
export const EXIT_CODES = "0 success, 1 failure (the last line says why), 2 wrong usage";

/**
 * Runs a command's work to its end. A closed standard output, as with `| head`, is not a failure; a write error, as on
 * a full disk, is.
 */
export async function endWell(work: () => Promise<void>): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || process.exitCode) return;
    report(new Error(`cannot write to standard output: ${error.message}`, { cause: error }));
  });
  // Continue if a message cannot be shown.
  process.stderr.on("error", () => {});
  process.on("uncaughtException", (error) => {
    report(error);
    process.exit();
  });
  try {
    await work();
  } catch (error) {
    report(error);
    // Handles that a library left open must not keep the process alive.
    process.exit();
  }
}

function report(error: unknown): void {
  const isUsage = error instanceof UsageError || error instanceof SeedError;
  process.exitCode = isUsage ? 2 : 1;
  console.error(`error: ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  if (error instanceof EdgeDigitsError || isOfSystem(error)) {
    const message = error.message || reasonOf(error);
    return message.trim().replaceAll(/\s*\n\s*/g, "; ");
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Errors of file system, network and processes have a code such as ENOSPC, or a cause that has one. */
function isOfSystem(error: unknown): error is Error {
  if (error instanceof AggregateError) return error.errors.some(isOfSystem);
  if (!(error instanceof Error)) return false;
  return "errno" in error || "syscall" in error || isOfSystem(error.cause);
}
