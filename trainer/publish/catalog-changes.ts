// What a command makes of the catalog: pure functions from one catalog to the next. Each gives back the very catalog it
// got when there is nothing to do, so that a command can be run again after an interruption.

import {
  CATALOG_SCHEMA,
  type Catalog,
  type CatalogEntry,
  type Change,
  entryOf,
  MAX_CHANGES,
  publishedOf,
} from "../../shared/release/catalog.ts";
import { PublishError } from "../errors.ts";

/** A version as one writes it: name@version, or a name for what the command takes by default. */
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
  /** Why it is published though it is worse than what is live. */
  readonly forced?: string | undefined;
}

/**
 * Adds a release to the history, and makes it live as asked for.
 * @param catalog  undefined stands for a bucket without one
 * @throws PublishError, WithdrawnError
 */
export function publish(catalog: Catalog | undefined, release: Publication, now: Date): Catalog {
  const { name, version, sha256, promote: how, makeDefault, run, forced } = release;
  const present = catalog ?? { schema: CATALOG_SCHEMA, edition: 0, default: name, models: {} };
  const folder = `${name}/${version}`;
  if (present.pruning?.folders.includes(folder)) {
    throw new PublishError(
      `a prune is deleting the remains of ${folder}; run "npm run prune" to its end, then again`,
    );
  }
  const entry = Object.hasOwn(present.models, name) ? present.models[name] : undefined;
  checkCanary(catalog, name, typeof how === "number" ? how : undefined);
  const past = entry?.history ?? [];
  const isKnown = past.some((item) => item.version === version);
  const published = { version, sha256, publishedAt: now.toISOString(), run, forced };
  const history = isKnown ? past : [...past, withoutUndefined(published)];
  const next: Catalog = {
    ...present,
    default: makeDefault ? name : present.default,
    models: {
      ...present.models,
      [name]: entry
        ? { ...entry, history }
        : {
            stable: version,
            canary: null,
            history,
            changes: [{ change: "promoted", at: now.toISOString(), version }],
          },
    },
  };
  if (entry && how !== "when-new") {
    const promoted = promote(next, { name, version }, typeof how === "number" ? how : undefined, now);
    if (promoted !== next) return promoted;
  }
  return isKnown && next.default === present.default ? present : next;
}

/**
 * A canary needs a stable version beside it.
 * @param percent  undefined is no canary
 * @throws PublishError
 */
export function checkCanary(catalog: Catalog | undefined, name: string, percent: number | undefined): void {
  if (percent === undefined || Object.hasOwn(catalog?.models ?? {}, name)) return;
  throw new PublishError(`${name} has no version yet: the first one is stable; leave out --canary`);
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
  const entry = entryOf(catalog, name);
  const version = named ?? entry.canary?.version;
  if (version === undefined) {
    // After a promotion that was interrupted behind its swap, there is no canary any more.
    if (percent === undefined && entry.changes.at(-1)?.change === "promoted") return catalog;
    throw new PublishError(`${name} has no canary to promote; name a version: ${name}@VERSION`);
  }
  publishedOf(catalog, name, version);
  const at = now.toISOString();
  if (percent === undefined) {
    if (version === entry.stable && !entry.canary) return catalog;
    const { stable: from } = entry;
    return withEntry(catalog, name, {
      ...entry,
      stable: version,
      canary: null,
      changes: withChange(entry, { change: "promoted", at, version, from }),
    });
  }
  if (version === entry.stable) {
    throw new PublishError(`${name}@${version} is the stable version; it cannot be the canary too`);
  }
  if (entry.canary?.version === version && entry.canary.percent === percent) return catalog;
  return withEntry(catalog, name, {
    ...entry,
    canary: { version, percent },
    changes: withChange(entry, { change: "canary", at, version, percent }),
  });
}

/**
 * Ends the canary, or without one returns to what was stable before the last promotion. Directly after a rollback
 * there is nothing to do: going further back takes `to`.
 * @param to  version to make stable instead
 * @throws UnknownModelError, UnknownVersionError, WithdrawnError, PublishError
 */
export function rollBack(catalog: Catalog, name: string, to: string | undefined, now: Date): Catalog {
  const entry = entryOf(catalog, name);
  const { stable, canary } = entry;
  const last = entry.changes.at(-1);
  const isEnough = canary !== null || last?.change === "rolled-back";
  const version = to ?? (isEnough ? stable : last?.change === "promoted" ? last.from : undefined);
  if (version === undefined) {
    throw new PublishError(
      `the catalog does not know what was stable before ${name}@${stable}; choose with --to: ` +
        entry.history
          .filter((item) => !item.withdrawn)
          .map((item) => item.version)
          .join(", "),
    );
  }
  publishedOf(catalog, name, version);
  if (version === stable && !canary) return catalog;
  const from = version === stable && canary ? canary.version : stable;
  return withEntry(catalog, name, {
    ...entry,
    stable: version,
    canary: null,
    changes: withChange(entry, { change: "rolled-back", at: now.toISOString(), version, from }),
  });
}

/**
 * Marks a version as withdrawn for ever.
 * @throws UnknownModelError, UnknownVersionError; PublishError while it is live
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

/** Since when the stable version is live; undefined where the catalog does not say. */
export function liveSince({ stable, changes, history }: CatalogEntry): string | undefined {
  // A canary that was rolled back left the stable version as it was.
  const last = changes.findLast(
    ({ change, version }, i) =>
      change !== "canary" && version === stable && stableBefore(changes, i) !== stable,
  );
  return (
    last?.at ??
    (changes.length < MAX_CHANGES ? history.find((h) => h.version === stable)?.publishedAt : undefined)
  );
}

/** A catalog's differences as lines for the person who is about to make them. */
export function describeChange(before: Catalog | undefined, after: Catalog): string[] {
  const lines: string[] = [];
  for (const [name, entry] of Object.entries(after.models)) {
    const old = before && Object.hasOwn(before.models, name) ? before.models[name] : undefined;
    for (const { version, forced, withdrawn } of entry.history) {
      const known = old?.history.find((item) => item.version === version);
      if (!known) lines.push(`publish ${name}@${version}${forced ? `, forced: ${forced}` : ""}`);
      if (withdrawn && !known?.withdrawn) lines.push(`withdraw ${name}@${version}: ${withdrawn.reason}`);
    }
    if (entry.stable !== old?.stable) {
      lines.push(`make ${name}@${entry.stable} stable${old ? ` in place of ${old.stable}` : ""}`);
    }
    const [share, oldShare] = [entry.canary, old?.canary];
    if (share && (share.version !== oldShare?.version || share.percent !== oldShare.percent)) {
      lines.push(`show ${name}@${share.version} to ${share.percent} % of seeds`);
    }
    if (oldShare && oldShare.version !== share?.version && oldShare.version !== entry.stable) {
      lines.push(`end the canary ${name}@${oldShare.version}`);
    }
  }
  if (after.default !== before?.default) lines.push(`make ${after.default} the default model`);
  return lines;
}

function stableBefore(changes: readonly Change[], index: number): string | undefined {
  return changes.slice(0, index).findLast(({ change }) => change !== "canary")?.version;
}

function withChange({ changes }: CatalogEntry, change: Change): Change[] {
  return [...changes, change].slice(-MAX_CHANGES);
}

function withEntry(catalog: Catalog, name: string, entry: CatalogEntry): Catalog {
  return { ...catalog, models: { ...catalog.models, [name]: entry } };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
