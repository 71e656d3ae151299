// losses.jsonl of a run's folder: one line of JSON for every epoch of every stage, appended as soon as the epoch's checkpoint
// is written, for notebooks and for `tail -f`. Checkpoints decide what is true: a resumed run first makes the file agree.

import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EpochRecord, StageEpoch } from "../../shared/release/release.ts";
import { replaceFile } from "./replace-file.ts";

export const LOSSES_FILE = "losses.jsonl";
/** The first stage, which has no name of its own. */
export const FIRST_STAGE = "vae";

/** A line: an epoch's record as the history has it, behind the stage that it is of. */
export type LossLine = { readonly stage: string } & (EpochRecord | StageEpoch);

/**
 * Opens the log for the epochs of a stage.
 * @param done  epochs of its checkpoint: lines of others are removed, missing ones are added
 * @returns appends the next epoch
 */
export async function openLossLog(
  folder: string,
  stage: string,
  done: readonly (EpochRecord | StageEpoch)[],
): Promise<(record: EpochRecord | StageEpoch) => Promise<void>> {
  const path = join(folder, LOSSES_FILE);
  const lineOf = (record: EpochRecord | StageEpoch) => `${JSON.stringify({ stage, ...record })}\n`;
  const found = existsSync(path) ? await readFile(path, "utf8") : "";
  const others = found.split("\n").filter((line) => isOfOther(line, stage));
  const wanted = [...others.map((line) => `${line}\n`), ...done.map(lineOf)].join("");
  if (wanted !== found) await replaceFile(path, wanted);
  return (record) => appendFile(path, lineOf(record));
}

/** False for what an interrupted write has left of a line. */
function isOfOther(line: string, stage: string): boolean {
  try {
    return JSON.parse(line).stage !== stage;
  } catch {
    return false;
  }
}
