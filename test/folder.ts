// Folders of tests.

import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is deleted after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** SHA-256 of every file of a folder, by its path there. */
export async function fingerprint(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digests = await Promise.all(
    files.toSorted().map(async (path) => {
      const digest = createHash("sha256").update(await readFile(path));
      return [relative(folder, path), digest.digest("hex")] as const;
    }),
  );
  return Object.fromEntries(digests);
}
