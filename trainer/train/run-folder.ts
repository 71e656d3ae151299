// The files of a run folder: their names, the configuration, and the digests of the data that the run was started with.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { Sha256Schema } from "../../shared/release/release.ts";
import { RunError } from "../errors.ts";
import { quotePath } from "../shell-quote.ts";
import { type TrainingConfig, TrainingConfigSchema } from "./config.ts";

export const CONFIG_FILE = "config.json";
export const CHECKPOINT_FILE = "checkpoint.bin";
/** SHA-256 of every data file, by name. */
export const DATA_FILE = "data.json";

export type DataDigests = Readonly<Record<string, string>>;

/** @throws RunError */
export async function readConfig(folder: string): Promise<TrainingConfig> {
  return readJson(join(folder, CONFIG_FILE), TrainingConfigSchema);
}

/**
 * Refuses data files other than those that a run was started with. A run by an older trainer has no DATA_FILE, and
 * accepts any.
 * @param found  digests of the present files
 * @throws RunError
 */
export async function checkRunData(folder: string, found: DataDigests): Promise<void> {
  const path = join(folder, DATA_FILE);
  if (!existsSync(path)) return;
  checkData(folder, await readJson(path, v.record(v.string(), Sha256Schema)), found);
}

/**
 * Refuses data files other than those that a run or a release was made from.
 * @param of  its name for the message
 * @throws RunError naming the first file that differs
 */
export function checkData(of: string, expected: DataDigests, found: DataDigests): void {
  for (const [name, digest] of Object.entries(expected)) {
    if (found[name] === digest) continue;
    throw new RunError(
      `${of} was made from other data: the SHA-256 of ${name} is ${found[name]}, expected ${digest}; ` +
        "restore that file, or train a new run",
    );
  }
}

/**
 * Reads a JSON file.
 * @throws RunError naming the invalid field
 */
export async function readJson<S extends v.GenericSchema>(
  path: string,
  schema: S,
): Promise<v.InferOutput<S>> {
  try {
    return v.parse(schema, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    const place = cause instanceof v.ValiError ? `${v.getDotPath(cause.issues[0]) ?? "document"}: ` : "";
    throw new RunError(`cannot read ${path}: ${place}${(cause as Error).message}`, { cause });
  }
}

/** The command that resumes a run, ready to paste. */
export function resumeCommand(folder: string): string {
  return `npm run train -- --out ${quotePath(folder)} --resume`;
}
