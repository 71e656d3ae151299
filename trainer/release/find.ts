// Finds the release that this code has already made of a run's weights, so that they need not be quantized and fitted again.

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CARD_FILE, type EpochRecord } from "../../shared/release/release.ts";
import { kindOf } from "../latent/kind.ts";
import { readHistories } from "../latent/stages.ts";
import { listReleaseFolders, readReleaseFolder } from "../publish/publish.ts";
import type { TrainingConfig } from "../train/config.ts";
import { type CodeVersion, isSameCode } from "./code-version.ts";

/**
 * Looks through `<run>/release/`, the newest first, for a release by the same code with the run's own architecture and
 * history, those of later stages included.
 * @returns what `readReleaseFolder` gives
 * @throws DigestError, SchemaError when a release there is damaged
 */
export async function findRelease(
  run: string,
  { spec }: TrainingConfig,
  history: readonly EpochRecord[],
  code: CodeVersion,
): Promise<Awaited<ReturnType<typeof readReleaseFolder>> | undefined> {
  const root = join(run, "release");
  const stages = await readHistories(run, kindOf(spec).stages);
  if (!existsSync(root)) return undefined;
  for (const folder of await newestFirst(await listReleaseFolders(root))) {
    const release = await readReleaseFolder(folder);
    const { card } = release;
    if (
      isSameCode(card.source, code) &&
      isDeepStrictEqual(card.history, history) &&
      isDeepStrictEqual(card.prior, stages.prior) &&
      isDeepStrictEqual(card.spec, spec)
    ) {
      return release;
    }
  }
  return undefined;
}

/** By the time that their cards were written. */
async function newestFirst(folders: readonly string[]): Promise<string[]> {
  const times = await Promise.all(
    folders.map(async (folder) => ({ folder, time: (await stat(join(folder, CARD_FILE))).mtimeMs })),
  );
  return times.sort((a, b) => b.time - a.time).map(({ folder }) => folder);
}
