// Everything that the catalog names, read again: every digest, and what the golden seeds draw.

import type { Catalog } from "../shared/catalog.ts";
import { EdgeDigitsError, SchemaError } from "../shared/errors.ts";
import type { Bucket } from "./bucket.ts";
import { checkGolden } from "./golden.ts";
import { readStoredRelease, sizeOf } from "./stored-release.ts";

export interface Finding {
  readonly model: string;
  readonly version: string;
  /** What was found, for people. */
  readonly says: string;
  readonly isRight: boolean;
}

/** Findings of all versions that can be asked for, one by one. */
export async function* verifyCatalog(bucket: Bucket, catalog: Catalog): AsyncGenerator<Finding> {
  for (const [model, { history }] of Object.entries(catalog.models)) {
    for (const published of history) {
      const { version, withdrawn } = published;
      if (withdrawn) {
        yield { model, version, says: `withdrawn on ${withdrawn.at}`, isRight: true };
        continue;
      }
      try {
        const release = await readStoredRelease(bucket, model, published);
        const { card } = release;
        if (card.name !== model) throw new SchemaError(`its card is that of a model named "${card.name}"`);
        const seeds = await checkGolden(release);
        const says = `${release.files.size + 1} objects, ${sizeOf(card)} bytes, ${seeds} golden seeds`;
        yield { model, version, says, isRight: true };
      } catch (error) {
        if (!(error instanceof EdgeDigitsError)) throw error;
        yield { model, version, says: error.message, isRight: false };
      }
    }
  }
}
