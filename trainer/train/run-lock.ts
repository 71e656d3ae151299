// One process that writes a folder: a lock file with its id. A killed process leaves it behind; since it no longer exists, the
// next one takes over the lock.

import { rmSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { hasCode, RunError } from "../errors.ts";
import { partialSuffix } from "./replace-file.ts";

const TRAINER_LOCK = "train.lock";
/** A lock file that stays empty this long was left by a trainer that died while writing it. */
const WRITING_MS = 200;

/** Locks held by this process. */
const held = new Set<string>();

/**
 * Creates the folder if it is missing, and acquires its lock, which is also released when the process exits.
 * @returns releases the lock, and removes the folder if it was created here and is still empty
 * @throws RunError if another process holds it
 */
export async function lockFolder(folder: string, file = TRAINER_LOCK): Promise<() => Promise<void>> {
  const path = resolve(folder, file);
  if (held.has(path)) throw busy(folder, path, process.pid);
  held.add(path);
  const made = await mkdir(folder, { recursive: true });
  await takeLock(folder, path).catch((error) => {
    held.delete(path);
    throw error;
  });
  const onExit = () => rmSync(path, { force: true });
  process.once("exit", onExit);
  return async () => {
    process.off("exit", onExit);
    onExit();
    held.delete(path);
    if (made === undefined) return;
    await rmdir(folder).catch((error) => {
      if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
    });
  };
}

async function takeLock(folder: string, path: string): Promise<void> {
  while (!(await createLock(path))) {
    const pid = await readPid(path);
    // This process does not hold it, so its id was reused from an earlier process.
    if (pid !== undefined && pid !== process.pid && isAlive(pid)) throw busy(folder, path, pid);
    await rm(path, { force: true });
    if (pid !== undefined) await removePartials(folder, pid);
  }
}

function busy(folder: string, path: string, pid: number): RunError {
  return new RunError(
    `process ${pid} is writing ${folder}; wait for it, or name another folder with --out ` +
      `(if it does something else, delete ${path})`,
  );
}

/** @returns false if the file exists */
async function createLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** The process id in a lock; undefined if the lock is gone or was not completely written. */
async function readPid(path: string): Promise<number | undefined> {
  for (const waitMs of [WRITING_MS, 0]) {
    const text = await readFile(path, "utf8").catch((error) => {
      if (!hasCode(error, "ENOENT")) throw error;
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
    // The process exists and belongs to another user.
    return hasCode(error, "EPERM");
  }
}

/** Removes unfinished files of a dead trainer. */
async function removePartials(folder: string, pid: number): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(partialSuffix(pid))) await rm(join(folder, name), { force: true });
  }
}
