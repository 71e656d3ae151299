// The command line of the trainer as a process, as people start it.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const MAIN = "trainer/main.ts";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `npm run train --` and the like; `said` waits for a text on either stream. */
export function startTrainer(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, ...args], {
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  const listeners = new Set<() => void>();
  const hear = () => {
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    hear();
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    hear();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const said = (text: string) =>
    Promise.race([
      new Promise<void>((resolve) => {
        const listener = () => {
          if (!(stdout + stderr).includes(text)) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
        listener();
      }),
      ended.then(({ stderr: last }) => {
        throw new Error(`the trainer ended before it said "${text}": ${last}`);
      }),
    ]);
  return { pid: child.pid!, kill: (signal: NodeJS.Signals) => child.kill(signal), said, ended };
}

/** Runs a command to its end. */
export function runTrainer(...args: string[]): Promise<Ended> {
  return startTrainer(args).ended;
}

/** SHA-256 of every file of a folder, by its path there. */
export async function fingerprint(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digests = await Promise.all(
    files.toSorted().map(async (path) => {
      const digest = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
      return [path.slice(folder.length + 1), digest] as const;
    }),
  );
  return Object.fromEntries(digests);
}
