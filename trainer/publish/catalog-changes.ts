// How commands change the catalog: pure functions from one catalog to the next. Each returns the same object if there is
// nothing to do, so that a command can be run again after an interruption.

import {
  CATALOG_SCHEMA,
  type Catalog,
  type CatalogEntry,
  type Change,
  entryOf,
  findEntry,
  MAX_CHANGES,
  publishedOf,
} from "../../shared/release/catalog.ts";
import { PublishError } from "../errors.ts";

/** Written as name@version, or as a name alone for the command's default version. */
export interface VersionReference {
  readonly name: string;
  readonly version?: string | undefined;
}

export interface Publication {
  readonly name: string;
  readonly version: string;
  /** Of card.json. */
  readonly sha256: string;
  /** "always" makes it stable, "when-new" only as the first of its model; a number makes it the canary, percent. */
  readonly promote: "always" | "when-new" | number;
  /** Also make it the default model. The first model of a catalog always is. */
  readonly makeDefault?: boolean | undefined;
  readonly run?: string | undefined;
  /** Why it is published although it is worse than the live version. */
  readonly forced?: string | undefined;
}

/**
 * Adds a release to the history, and makes it live if requested.
 * @param catalog  undefined for a bucket without one
 * @throws PublishError, WithdrawnError
 */
export function publish(catalog: Catalog | undefined, release: Publication, now: Date): Catalog {
  const { name, version, sha256, promote: how, makeDefault, run, forced } = release;
  const percent = typeof how === "number" ? how : undefined;
  const present = catalog ?? { schema: CATALOG_SCHEMA, edition: 0, default: name, models: {} };
  const folder = `${name}/${version}`;
  if (present.pruning?.folders.includes(folder)) {
    throw new PublishError(
      `a prune is deleting the remains of ${folder}; let "npm run prune" finish, then try again`,
    );
  }
  checkCanary(catalog, name, percent);
  const at = now.toISOString();
  const entry = findEntry(present, name);
  const isKnown = entry?.history.some((item) => item.version === version) ?? false;
  const published = { version, sha256, publishedAt: at, ...(run && { run }), ...(forced && { forced }) };
  const next = withEntry({ ...present, default: makeDefault ? name : present.default }, name, {
    ...(entry ?? { stable: version, canary: null, changes: [{ change: "promoted", at, version }] }),
    history: isKnown ? entry!.history : [...(entry?.history ?? []), published],
  });
  const live = entry && how !== "when-new" ? promote(next, { name, version }, percent, now) : next;
  return live === next && isKnown && next.default === present.default ? present : live;
}

/**
 * Refuses a canary of a model without a stable version.
 * @param percent  undefined without a canary
 * @throws PublishError
 */
export function checkCanary(catalog: Catalog | undefined, name: string, percent: number | undefined): void {
  if (percent === undefined || (catalog && findEntry(catalog, name))) return;
  throw new PublishError(`${name} has no version yet: the first one is stable; omit --canary`);
}

/**
 * Makes a version stable, or shows it to a share of seeds.
 * @param percent  share of seeds; undefined makes it stable
 * @throws UnknownModelError, UnknownVersionError, WithdrawnError, PublishError
 */
export function promote(
  catalog: Catalog,
  { name, version: named }: VersionReference,
  percent: number | undefined,
  now: Date,
): Catalog {
  const { stable, canary, changes } = entryOf(catalog, name);
  const version = named ?? canary?.version;
  if (version === undefined) {
    // A promotion that was interrupted after its swap has already ended the canary.
    if (percent === undefined && changes.at(-1)?.change === "promoted") return catalog;
    throw new PublishError(`${name} has no canary to promote; name a version: ${name}@VERSION`);
  }
  publishedOf(catalog, name, version);
  const at = now.toISOString();
  if (percent === undefined) {
    if (version === stable && !canary) return catalog;
    return withLive(catalog, name, version, null, { change: "promoted", at, version, from: stable });
  }
  if (version === stable) {
    throw new PublishError(`${name}@${version} is the stable version; it cannot be the canary too`);
  }
  if (canary?.version === version && canary.percent === percent) return catalog;
  const change = { change: "canary", at, version, percent } as const;
  return withLive(catalog, name, stable, { version, percent }, change);
}

/**
 * Ends the canary or, without one, returns to what was stable before the last promotion. Directly after a rollback
 * there is nothing to do: use `to` to go further back.
 * @param to  version to make stable instead
 * @throws UnknownModelError, UnknownVersionError, WithdrawnError, PublishError
 */
export function rollBack(catalog: Catalog, name: string, to: string | undefined, now: Date): Catalog {
  const { stable, canary, changes, history } = entryOf(catalog, name);
  const last = changes.at(-1);
  const keepsStable = canary !== null || last?.change === "rolled-back";
  const version = to ?? (keepsStable ? stable : last?.change === "promoted" ? last.from : undefined);
  const isWithdrawn = history.some((item) => item.version === version && item.withdrawn);
  if (version === undefined || (isWithdrawn && to === undefined)) {
    const choices = history.filter((item) => !item.withdrawn && item.version !== stable);
    const why = isWithdrawn
      ? `${name}@${version}, which was stable before, was withdrawn`
      : `the catalog does not say what was stable before ${name}@${stable}`;
    throw new PublishError(
      `${why}; choose with --to: ${choices.map((item) => item.version).join(", ") || "there is no other version"}`,
    );
  }
  publishedOf(catalog, name, version);
  if (version === stable && !canary) return catalog;
  const from = version === stable && canary ? canary.version : stable;
  return withLive(catalog, name, version, null, {
    change: "rolled-back",
    at: now.toISOString(),
    version,
    from,
  });
}

/**
 * Marks a version as permanently withdrawn.
 * @throws UnknownModelError, UnknownVersionError; PublishError if it is live
 */
export function withdraw(
  catalog: Catalog,
  { name, version }: Required<VersionReference>,
  reason: string,
  now: Date,
): Catalog {
  const entry = entryOf(catalog, name);
  if (entry.history.some((item) => item.version === version && item.withdrawn)) return catalog;
  const published = publishedOf(catalog, name, version!);
  const role = { [entry.stable]: "stable", [entry.canary?.version ?? ""]: "canary" }[published.version];
  if (role) {
    throw new PublishError(
      `${name}@${version} is the ${role} version; promote another or roll back first, then withdraw it`,
    );
  }
  const withdrawn = { at: now.toISOString(), reason };
  const history = entry.history.map((item) => (item === published ? { ...item, withdrawn } : item));
  return withEntry(catalog, name, { ...entry, history });
}

/** Since when the stable version is live; undefined if the catalog does not say. */
export function liveSince({ stable, changes, history }: CatalogEntry): string | undefined {
  // A canary that was rolled back left the stable version as it was.
  const promotions = changes.filter(({ change }) => change !== "canary");
  const last = promotions.findLast(
    ({ version }, i) => version === stable && promotions[i - 1]?.version !== stable,
  );
  if (last || changes.length === MAX_CHANGES) return last?.at;
  return history.find(({ version }) => version === stable)?.publishedAt;
}

/** A catalog's differences, one per line, for the person who is about to apply them. */
export function describeChange(before: Catalog | undefined, after: Catalog): string[] {
  const lines: string[] = [];
  for (const [name, { stable, canary, history }] of Object.entries(after.models)) {
    const old = before && findEntry(before, name);
    for (const { version, forced, withdrawn } of history) {
      const known = old?.history.find((item) => item.version === version);
      if (!known) lines.push(`publish ${name}@${version}${forced ? `, forced: ${forced}` : ""}`);
      if (withdrawn && !known?.withdrawn) lines.push(`withdraw ${name}@${version}: ${withdrawn.reason}`);
    }
    if (stable !== old?.stable) {
      lines.push(`make ${name}@${stable} stable${old ? ` in place of ${old.stable}` : ""}`);
    }
    const ended = old?.canary;
    if (canary && (canary.version !== ended?.version || canary.percent !== ended.percent)) {
      lines.push(`show ${name}@${canary.version} to ${canary.percent} % of seeds`);
    }
    if (ended && ended.version !== canary?.version && ended.version !== stable) {
      lines.push(`end the canary ${name}@${ended.version}`);
    }
  }
  if (after.default !== before?.default) lines.push(`make ${after.default} the default model`);
  return lines;
}

function withLive(
  catalog: Catalog,
  name: string,
  stable: string,
  canary: CatalogEntry["canary"],
  change: Change,
): Catalog {
  const entry = entryOf(catalog, name);
  const changes = [...entry.changes, change].slice(-MAX_CHANGES);
  return withEntry(catalog, name, { ...entry, stable, canary, changes });
}

function withEntry(catalog: Catalog, name: string, entry: CatalogEntry): Catalog {
  return { ...catalog, models: { ...catalog.models, [name]: entry } };
}
