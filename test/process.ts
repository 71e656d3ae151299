// Commands as processes of their own, as people run them.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { onTestFinished } from "vitest";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** Modules that run before the script. */
  readonly preload?: readonly string[];
  readonly cwd?: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output or standard error holds the text; rejects when the process ends without it. */
  readonly says: (text: string) => Promise<void>;
}

/** Starts a script of the repository with the Node that runs the tests; it is killed when the test ends. */
export function startScript(
  args: readonly string[],
  { env = {}, preload = [], cwd = "." }: Options = {},
): Running {
  const flags = ["--disable-warning=ExperimentalWarning", ...preload.flatMap((path) => ["--import", path])];
  const child = spawn(process.execPath, [...flags, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    cwd,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk) => {
      output[name] += chunk;
      child.emit("said");
    });
  }
  let isRunning = true;
  const ended = once(child, "close").then(([code]) => {
    isRunning = false;
    return { code, ...output };
  });
  const says = async (text: string) => {
    const hasSaid = () => (output.stdout + output.stderr).includes(text);
    while (isRunning && !hasSaid()) await Promise.race([once(child, "said"), ended]);
    if (!hasSaid()) throw new Error(`ended without "${text}": ${output.stdout}${output.stderr}`);
  };
  return { child, ended, says };
}

/** As `npm run NAME -- ARGS` does, in whatever folder. */
export function startTrainer(args: readonly string[], options?: Options): Running {
  return startScript([resolve("trainer/main.ts"), ...args], options);
}

/** Runs a script to its end. */
export function runScript(...[args, options]: Parameters<typeof startScript>): Promise<Ended> {
  return startScript(args, options).ended;
}

/** Runs a command of the trainer to its end. */
export function runTrainer(...[args, options]: Parameters<typeof startTrainer>): Promise<Ended> {
  return startTrainer(args, options).ended;
}

/** Process ids of all that a process has started, and what those have (Linux). */
export function descendantsOf(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((entry) => {
    const child = Number(entry);
    return Number.isInteger(child) ? [[child, parentOf(child)] as const] : [];
  });
  const below = (id: number): number[] =>
    parents.flatMap(([child, parent]) => (parent === id ? [child, ...below(child)] : []));
  return below(pid);
}

/** Whether a process runs; one that has ended and is not waited for yet does not. */
export function isRunning(pid: number): boolean {
  return (statOf(pid)?.[0] ?? "Z") !== "Z";
}

function parentOf(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat && Number(stat[1]);
}

/** State, parent and so on, behind the name in brackets; undefined where there is no such process. */
function statOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  } catch {
    return undefined;
  }
}
