// npm run release --bundle: puts a release into models/, which `npm start` and `npm run deploy` publish.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CARD_FILE, versionOf } from "../../shared/release/release.ts";
import { DEFAULT_FILE, FORCED_FILE, readReleaseFolder } from "./publish.ts";

export interface BundleOptions {
  readonly dryRun: boolean;
  /** Whether to make it the default model of new catalogs. */
  readonly default: boolean;
  /** The reason given with --force, if it was needed. */
  readonly forced: string | undefined;
}

/**
 * Puts a release folder into models/, replacing the model's others. Killed at any time, it leaves one of them complete.
 * @throws DigestError, SchemaError if the folder is damaged
 */
export async function bundle(
  { folder }: { readonly folder: string },
  options: BundleOptions,
  models = "models",
  log: (line: string) => void = console.log,
): Promise<void> {
  const { card, cardBytes, cardSha256, files } = await readReleaseFolder(folder);
  const version = versionOf(cardSha256);
  const reference = `${card.name}@${version}`;
  log(`${options.dryRun ? "would" : "will"} put ${reference} into ${models}/, replacing what is there`);
  if (options.dryRun) return;
  const home = join(models, card.name);
  const target = join(home, version);
  await mkdir(target, { recursive: true });
  // A folder without a card does not count as a release, so the card is written last.
  await rm(join(target, CARD_FILE), { force: true });
  for (const [file, body] of files) await writeFile(join(target, file), body);
  await writeFile(join(target, CARD_FILE), cardBytes);
  if (options.default) await writeFile(join(models, DEFAULT_FILE), `${card.name}\n`);
  for (const other of await readdir(home)) {
    if (other !== version) await rm(join(home, other), { recursive: true });
  }
  if (options.forced !== undefined) await writeFile(join(home, FORCED_FILE), `${options.forced}\n`);
  log(`${reference} is in ${models}/; "npm start" and "npm run deploy" publish it`);
}
