// Everything that the catalog names, read again: every digest, and what the golden seeds draw.

import { EdgeDigitsError } from "../../shared/errors.ts";
import type { Catalog, Published } from "../../shared/release/catalog.ts";
import { checkGolden } from "../release/golden.ts";
import type { Bucket } from "./bucket.ts";
import { readStoredCard, readStoredFile, sizeOf } from "./stored-release.ts";

export interface Finding {
  readonly model: string;
  readonly version: string;
  /** What was found, for people. */
  readonly says: string;
  readonly isRight: boolean;
}

/** Findings about all versions that can be asked for: one where a version is right, else one for each thing that is wrong. */
export async function* verifyCatalog(bucket: Bucket, catalog: Catalog): AsyncGenerator<Finding> {
  for (const [model, { history }] of Object.entries(catalog.models)) {
    for (const published of history) {
      const { version, withdrawn } = published;
      if (withdrawn) {
        yield { model, version, says: `withdrawn on ${withdrawn.at}`, isRight: true };
        continue;
      }
      const { problems, says } = await verifyVersion(bucket, model, published);
      for (const problem of problems) yield { model, version, says: problem, isRight: false };
      if (problems.length === 0) yield { model, version, says, isRight: true };
    }
  }
}

/** Reads on after a failure, whatever it is: each object is reported. */
async function verifyVersion(bucket: Bucket, model: string, published: Published) {
  const problems: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(error instanceof EdgeDigitsError ? error.message : String(error));
      return undefined;
    }
  };
  const card = await attempt(() => readStoredCard(bucket, model, published));
  if (!card) return { problems, says: "" };
  if (card.name !== model) problems.push(`its card is that of a model named "${card.name}"`);
  const files = new Map<string, Uint8Array>();
  const listed = Object.keys(card.files);
  for (const file of listed) {
    const body = await attempt(() => readStoredFile(bucket, model, published, card, file));
    if (body) files.set(file, body);
  }
  const seeds = files.size === listed.length && (await attempt(() => checkGolden({ card, files })));
  return { problems, says: `${files.size + 1} objects, ${sizeOf(card)} bytes, ${seeds} golden seeds` };
}
