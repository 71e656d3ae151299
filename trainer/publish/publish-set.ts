// Publishes a generated data set: its files under their digests, then its card under its name. Objects are created and
// never replaced, so a name means the same bytes for good; interrupted, it can be run again.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSetCard, SET_CARD_FILE, setCardKey, setFileKey } from "../../shared/dataset/card.ts";
import { DigestError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/release/release.ts";
import { PublishError } from "../errors.ts";
import type { Bucket } from "./bucket.ts";
import { createObject } from "./publish.ts";

/** @throws SchemaError, DigestError if the folder is damaged, PublishError if the name is taken or the bucket fails */
export async function publishSet(
  bucket: Bucket,
  folder: string,
  name: string,
  { dryRun, log }: { readonly dryRun: boolean; readonly log: (line: string) => void },
): Promise<void> {
  const cardBytes = new Uint8Array(await readFile(join(folder, SET_CARD_FILE)));
  const card = parseSetCard(cardBytes);
  const key = setCardKey(name);
  const present = await bucket.get(key);
  if (present && Buffer.compare(present.body, cardBytes) !== 0) {
    throw new PublishError(
      `${bucket.description} has another data set ${name}; a name is given once, choose another`,
    );
  }
  const files = Object.entries(card.files);
  const total = files.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  log(`${dryRun ? "would" : "will"} put ${files.length} files (${total} bytes) and the card of ${name}`);
  if (dryRun) return;
  for (const [file, { sha256: promised }] of files) {
    const body = new Uint8Array(await readFile(join(folder, file)));
    const found = await sha256(body);
    if (found !== promised) throw new DigestError(`${file} has SHA-256 ${found}; expected ${promised}`);
    await createObject(bucket, setFileKey(promised), body);
  }
  await createObject(bucket, key, cardBytes);
  log(`published as /dataset/${name}/${files[0]![0]}, and so on`);
}
