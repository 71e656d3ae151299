// Runs another program to its end, for scripts that take long: it does not outlive them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { RunError } from "../trainer/errors.ts";
import { endChildWithUs } from "../trainer/publish/orphans.ts";

/**
 * @returns what it wrote, if that is piped
 * @throws RunError when it does not start or fails
 */
export async function runToEnd(
  command: string,
  args: readonly string[],
  output: "inherit" | "pipe" = "inherit",
): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", output, "inherit"] });
  endChildWithUs(child);
  const written = child.stdout ? text(child.stdout) : "";
  const [code, signal] = await once(child, "exit").catch((cause: Error) => {
    throw new RunError(`cannot run ${command}: ${cause.message}`, { cause });
  });
  if (code === 0) return written;
  const end = signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
  throw new RunError(`"${[basename(command), ...args].join(" ")}" ${end}`);
}
