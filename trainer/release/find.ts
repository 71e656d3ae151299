// Finds the release that this code has already made of a run's weights, so that they need not be quantized and fitted again.

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CARD_FILE } from "../../shared/release/release.ts";
import { kindOf } from "../latent/kind.ts";
import type { FinishedRun } from "../latent/latent-kind.ts";
import { listReleaseFolders, readReleaseFolder } from "../publish/publish.ts";
import { type CodeVersion, isSameCode } from "./code-version.ts";

/**
 * Looks through `<run>/release/`, the newest first, for a release by the same code with the run's own architecture and
 * history, including the later stages.
 * @returns what `readReleaseFolder` gives
 * @throws DigestError, SchemaError if a release there is damaged
 */
export async function findRelease(
  { folder: run, config, history, stages }: Pick<FinishedRun, "folder" | "config" | "history" | "stages">,
  code: CodeVersion,
): Promise<Awaited<ReturnType<typeof readReleaseFolder>> | undefined> {
  const root = join(run, "release");
  if (!existsSync(root)) return undefined;
  for (const folder of await newestFirst(await listReleaseFolders(root))) {
    const release = await readReleaseFolder(folder);
    const { card } = release;
    if (
      isSameCode(card.source, code) &&
      isDeepStrictEqual(card.history, history) &&
      kindOf(config.spec).stages.every(({ name }) => isDeepStrictEqual(card[name], stages[name])) &&
      isDeepStrictEqual(card.spec, config.spec)
    ) {
      return release;
    }
  }
  return undefined;
}

/** Sorted by when their cards were written. */
async function newestFirst(folders: readonly string[]): Promise<string[]> {
  const times = await Promise.all(
    folders.map(async (folder) => ({ folder, time: (await stat(join(folder, CARD_FILE))).mtimeMs })),
  );
  return times.sort((a, b) => b.time - a.time).map(({ folder }) => folder);
}
