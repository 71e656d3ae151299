// Writes the file that the Worker carries: the bundled default model's release, and a catalog of it alone.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CATALOG_KEY } from "../shared/release/catalog.ts";
import { type Objects, packObjects } from "../shared/release/packed-objects.ts";
import { CARD_FILE, releaseKey, stringifyJson, versionOf } from "../shared/release/release.ts";
import { publish } from "../trainer/publish/catalog-changes.ts";
import { DEFAULT_FILE, readDefaultRelease } from "../trainer/publish/publish.ts";

export const EMBEDDED_FILE = "build/release.bin";

/** @param model  by default the one that models/default.txt names */
export async function writeEmbeddedRelease(file = EMBEDDED_FILE, model?: string): Promise<void> {
  await writeFile(file, packObjects(await embeddedObjects("models", model)));
}

/** None if nothing is bundled. @throws UsageError if the default model is not */
async function embeddedObjects(models: string, model: string | undefined): Promise<Objects> {
  if (!existsSync(join(models, DEFAULT_FILE))) return new Map();
  const { card, cardBytes, cardSha256, files } = await readDefaultRelease(models, model);
  const { name } = card;
  const version = versionOf(cardSha256);
  const catalog = publish(undefined, { name, version, sha256: cardSha256, promote: "when-new" }, new Date());
  const objects = [...files, [CARD_FILE, cardBytes] as const].map(
    ([key, body]) => [releaseKey(name, version, key), body] as const,
  );
  return new Map([[CATALOG_KEY, stringifyJson(catalog)], ...objects]) as Objects;
}
