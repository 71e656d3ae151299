// A version of a model, as requests name it and as the catalog resolves it.

import { DigestError } from "../../shared/errors.ts";

/** A model as a request names it; without a version, the stable one, or the canary for its share of seeds. */
export interface ModelReference {
  readonly name: string;
  readonly version?: string | undefined;
}

export interface Version {
  readonly name: string;
  readonly version: string;
}

/** A reference resolved by the catalog. */
export interface ResolvedModel extends Version {
  /** SHA-256 of the card; only its beginning, the version, if no catalog can be read. */
  readonly cardSha256: string;
  /** The request itself named the version, so its meaning never changes. */
  readonly isPinned: boolean;
  /** The catalog was new enough to show a withdrawal. */
  readonly isCurrent: boolean;
}

/** As JSON and pinned addresses name it. */
export function pinnedName({ name, version }: Version): string {
  return `${name}@${version}`;
}

/**
 * Checks a card against the catalog.
 * @throws DigestError
 */
export function checkCard(model: ResolvedModel, sha256: string): void {
  if (sha256.startsWith(model.cardSha256)) return;
  throw new DigestError(
    `the card of ${pinnedName(model)} has SHA-256 ${sha256}; the catalog promises ${model.cardSha256}`,
  );
}
