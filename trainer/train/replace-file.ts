// Replaces files atomically: readers, and a crash, see either the old content or the new.

import { rmSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "../errors.ts";

/** Suffix of a file that a process has not yet moved into place. */
export function partialSuffix(pid: number): string {
  return `.${pid}.partial`;
}

/**
 * Writes a temporary file beside the target, flushes it, renames it, and flushes the rename. If the process exits
 * meanwhile, as by Ctrl-C, the temporary file is removed.
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = path + partialSuffix(process.pid);
  const onExit = () => rmSync(temporary, { force: true });
  process.once("exit", onExit);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    process.off("exit", onExit);
  }
  await syncFolder(dirname(path));
}

/** Writes a value as indented JSON. */
export function replaceJson(path: string, value: unknown): Promise<void> {
  return replaceFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Without it a power failure can undo a rename. Windows cannot sync folders, and some network file systems refuse to. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, "EINVAL")) throw error;
  } finally {
    await handle.close();
  }
}
