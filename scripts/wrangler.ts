// Wrangler's command line, run by the same Node as the scripts.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PublishError } from "../trainer/errors.ts";
import { endWithUs } from "../trainer/publish/orphans.ts";

const path = fileURLToPath(new URL("../bin/wrangler.js", import.meta.resolve("wrangler")));
const hasGroups = process.platform !== "win32";

/**
 * Runs a command and waits for it.
 * @throws PublishError if it fails
 */
export function runWrangler(...args: string[]): void {
  const { status, signal, error } = spawnSync(process.execPath, [path, ...args], { stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) throw new PublishError(`"wrangler ${args.join(" ")}" ${describeEnd(status, signal)}`);
}

/** Whether a command succeeds; its output is hidden. */
export function succeedsInWrangler(...args: string[]): boolean {
  return spawnSync(process.execPath, [path, ...args], { stdio: "ignore" }).status === 0;
}

/** Runs a command and shows what it prints; whether it succeeded, and what it printed. */
export function tryWrangler(...args: string[]): { readonly isDone: boolean; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [path, ...args], {
    encoding: "utf8",
  });
  if (error) throw error;
  const output = stdout + stderr;
  process.stdout.write(output);
  return { isDone: status === 0, output };
}

export interface RunningWrangler {
  /** Resolves to how it ended, once all its processes are gone. */
  readonly ended: Promise<string>;
  readonly stop: (signal: NodeJS.Signals) => void;
  readonly killAll: () => void;
}

/** Starts a server. It has several processes; none of them outlives it or this process. */
export function startWrangler(args: readonly string[]): RunningWrangler {
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
    // In its own process group, so that all of them can be ended.
    detached: hasGroups,
  });
  const endWatch = child.pid === undefined ? () => {} : endWithUs(hasGroups ? -child.pid : child.pid);
  const ended = once(child, "exit").then(([code, signal]) => {
    killAll(child);
    endWatch();
    return describeEnd(code, signal);
  });
  return { ended, stop: (signal) => void child.kill(signal), killAll: () => killAll(child) };
}

function killAll({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(hasGroups ? -pid : pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
}
