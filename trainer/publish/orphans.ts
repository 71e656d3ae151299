// Ends our child processes when this process ends, even if it is killed: workerd, which miniflare starts for the local
// bucket, would outlive it.

import { type ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** Names each process that is about to start. https://nodejs.org/api/diagnostics_channel.html#process */
const CHANNEL = "child_process";

let isStartingGuard = false;

/**
 * Kills a process as soon as this one has ended, for whatever reason.
 * @param pid  negative for a process group, on systems that have them
 * @returns ends the watch; call it when the process has ended, because the system reuses process ids
 */
export function endWithUs(pid: number): () => void {
  // Its standard input closes with this process.
  const script = `process.stdin.resume().on("close", () => {
    try { process.kill(${pid}, "SIGKILL") } catch (error) { if (error.code !== "ESRCH") throw error }
  })`;
  isStartingGuard = true;
  const guard = spawn(process.execPath, ["-e", script], {
    stdio: ["pipe", "ignore", "ignore"],
    // It must survive a signal to our process group.
    detached: true,
    windowsHide: true,
  });
  isStartingGuard = false;
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return () => void guard.kill("SIGKILL");
}

/** The same for a child process, from its start to its end. */
export function endChildWithUs(child: ChildProcess): void {
  child.once("spawn", () => child.once("exit", endWithUs(child.pid!)));
}

/** Runs `work`; processes that it starts end with this one. */
export async function guardChildren<T>(work: () => Promise<T>): Promise<T> {
  const onStart = (message: unknown) => {
    if (isStartingGuard) return;
    const { process: child } = message as { process: ChildProcess };
    endChildWithUs(child);
  };
  subscribe(CHANNEL, onStart);
  try {
    return await work();
  } finally {
    unsubscribe(CHANNEL, onStart);
  }
}
