// One trainer per run folder: a lock file with the trainer's process id. A trainer that was killed leaves it behind; its
// process is gone then, and the next trainer takes the lock over.

import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { RunError } from "../errors.ts";
import { partialSuffix } from "./replace-file.ts";

export const LOCK_FILE = "train.lock";
/** A file that is still empty after this long was left by a trainer that died while writing it. */
const WRITING_MS = 200;

/** Folders that this process holds. */
const held = new Set<string>();

/**
 * Makes the folder where it is missing, and takes its lock. The lock is also given back when the process exits.
 * @returns what gives it back, and removes the folder if it was made and is still empty
 * @throws RunError when another trainer holds it
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder, LOCK_FILE);
  if (held.has(path)) throw busy(folder, process.pid);
  held.add(path);
  const made = await takeLock(folder, path).catch((error) => {
    held.delete(path);
    throw error;
  });
  const onExit = () => rmSync(path, { force: true });
  process.once("exit", onExit);
  return async () => {
    process.off("exit", onExit);
    await rm(path, { force: true });
    held.delete(path);
    if (made) await rmdir(folder).catch(ignoreNotEmpty);
  };
}

/** @returns whether it made the folder */
async function takeLock(folder: string, path: string): Promise<boolean> {
  const made = await mkdir(folder, { recursive: true });
  while (!(await createLock(path))) {
    const pid = await readPid(path);
    // This process does not hold it, so its own id is that of an earlier process.
    if (pid !== undefined && pid !== process.pid && isAlive(pid)) throw busy(folder, pid);
    await rm(path, { force: true });
    if (pid !== undefined) await removePartials(folder, pid);
  }
  return made !== undefined;
}

function busy(folder: string, pid: number): RunError {
  return new RunError(
    `another trainer (process ${pid}) is training ${folder}; wait for it, or name another folder with --out ` +
      `(if process ${pid} is not a trainer, delete ${join(folder, LOCK_FILE)})`,
  );
}

/** @returns whether the file was not there */
async function createLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The process that a lock names; undefined where the lock is gone or was never finished. */
async function readPid(path: string): Promise<number | undefined> {
  for (const waitMs of [WRITING_MS, 0]) {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (text === undefined) return undefined;
    const pid = Number(text);
    if (Number.isSafeInteger(pid) && pid > 0) return pid;
    await setTimeout(waitMs);
  }
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** What a dead trainer had begun to write. */
async function removePartials(folder: string, pid: number): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(partialSuffix(pid))) await rm(join(folder, name), { force: true });
  }
}

function ignoreNotEmpty(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
}
