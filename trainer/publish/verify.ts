// Reads everything that the catalog lists, and checks every digest and the pixels of the golden seeds.

import { EdgeDigitsError } from "../../shared/errors.ts";
import type { Catalog, Published } from "../../shared/release/catalog.ts";
import { checkGolden } from "../release/golden.ts";
import type { Bucket } from "./bucket.ts";
import { readStoredCard, readStoredFile, sizeOf } from "./stored-release.ts";

export interface Finding {
  readonly model: string;
  readonly version: string;
  readonly message: string;
  readonly ok: boolean;
}

/** For each version in the history one finding if it is intact, else one for each problem. */
export async function* verifyCatalog(bucket: Bucket, catalog: Catalog): AsyncGenerator<Finding> {
  for (const [model, { history }] of Object.entries(catalog.models)) {
    for (const published of history) {
      const { problems, summary } = await verifyVersion(bucket, model, published);
      const messages = problems.length > 0 ? problems : [summary];
      const { version } = published;
      for (const message of messages) yield { model, version, message, ok: problems.length === 0 };
    }
  }
}

/** Continues after any failure, so that every object is reported. */
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
  const { withdrawn } = published;
  if (withdrawn) return { problems, summary: `withdrawn on ${withdrawn.at}` };
  const card = await attempt(() => readStoredCard(bucket, model, published));
  if (!card) return { problems, summary: "" };
  if (card.name !== model) problems.push(`its card is that of a model named "${card.name}"`);
  const files = new Map<string, Uint8Array>();
  const listed = Object.keys(card.files);
  for (const file of listed) {
    const body = await attempt(() => readStoredFile(bucket, model, published, card, file));
    if (body) files.set(file, body);
  }
  const seeds = files.size === listed.length && (await attempt(() => checkGolden({ card, files })));
  return { problems, summary: `${files.size + 1} objects, ${sizeOf(card)} bytes, ${seeds} golden seeds` };
}
