// The release that was made of a run's present weights, if any: what was quantized and fitted once need not be again.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { EpochRecord } from "../shared/release.ts";
import { readPriorHistory } from "./codes/train-prior.ts";
import type { TrainingConfig } from "./config.ts";
import { listReleaseFolders, readReleaseFolder } from "./publish.ts";

/**
 * Looks through `<run>/release/` for a release with the run's own architecture and history, that of its prior included.
 * @returns what `readReleaseFolder` gives
 * @throws DigestError, SchemaError when a release there is damaged
 */
export async function findRelease(
  run: string,
  { spec }: TrainingConfig,
  history: readonly EpochRecord[],
): Promise<Awaited<ReturnType<typeof readReleaseFolder>> | undefined> {
  const root = join(run, "release");
  const priorHistory = spec.codes && (await readPriorHistory(run));
  if (!existsSync(root)) return undefined;
  for (const folder of await listReleaseFolders(root)) {
    const release = await readReleaseFolder(folder);
    const { card } = release;
    if (
      isDeepStrictEqual(card.history, history) &&
      isDeepStrictEqual(card.prior, priorHistory) &&
      isDeepStrictEqual(card.spec, spec)
    ) {
      return release;
    }
  }
  return undefined;
}
