// Deletes what cannot be requested: remains of publishes that never reached the catalog, and withdrawn versions. The catalog
// first lists what is being deleted, so that no publisher relies on it meanwhile.

import { CATALOG_KEY, type Catalog, findEntry, type Published } from "../../shared/release/catalog.ts";
import { PublishError } from "../errors.ts";
import type { Bucket, ListedObject } from "./bucket.ts";
import { findCatalog, type UpdateOptions, updateCatalog } from "./catalog-swap.ts";

/** By then every isolate that still serves has read the withdrawal (isolates read the catalog every 20 to 30 seconds). */
export const WITHDRAWAL_GRACE_MINUTES = 15;

/** Time for one batch; then another prune may begin, in case this one died. */
const LEASE_MINUTES = 2;
const FOLDERS_PER_BATCH = 10;

export interface PruneOptions extends UpdateOptions {
  readonly now: () => Date;
  /** Younger remains may belong to a publish in progress. */
  readonly olderThanMinutes: number;
}

/**
 * Deletes objects below models/ that are not in the catalog's history, and withdrawn versions.
 * @throws PublishError if there is no catalog, or another prune is in progress; SchemaError,
 *   UnsupportedReleaseError
 */
export async function prune(bucket: Bucket, options: PruneOptions): Promise<void> {
  const { dryRun = false, log = () => {} } = options;
  const catalog = await findCatalog(bucket);
  if (!catalog) {
    throw new PublishError(`${bucket.description} has no ${CATALOG_KEY}, so it is unknown what to keep`);
  }
  const deletable = findDeletable(catalog, await bucket.list("models/"), options);
  for (const { folder, objects, why } of deletable) {
    const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
    log(
      `${dryRun ? "would" : "will"} delete models/${folder}: ${objects.length} objects, ${bytes} bytes, ${why}`,
    );
  }
  if (deletable.length === 0) log("nothing to delete");
  if (dryRun) return log(`nothing was changed in ${bucket.description}`);

  // Announce each batch in the catalog, delete it, and end the announcement.
  let since: string | undefined;
  for (let at = 0; at < deletable.length; at += FOLDERS_PER_BATCH) {
    const batch = deletable.slice(at, at + FOLDERS_PER_BATCH);
    const folders = batch.map(({ folder }) => folder);
    await updateCatalog(bucket, (present) => withLease(present, folders, options.now(), since), {
      onSwapped: (swapped) => {
        since = swapped.pruning!.since;
      },
    });
    for (const { key } of batch.flatMap(({ objects }) => objects)) {
      if (minutesBetween(since!, options.now()) > LEASE_MINUTES / 2) {
        throw new PublishError(
          `deleting took too long; run "npm run prune" again in ${LEASE_MINUTES} minutes`,
        );
      }
      await bucket.delete(key);
    }
  }
  if (since === undefined && !catalog.pruning) return;
  await updateCatalog(bucket, (present) => withoutLease(present, options.now(), since));
  log(`done in ${bucket.description}`);
}

interface Deletable {
  /** <name>/<version> */
  readonly folder: string;
  readonly objects: readonly ListedObject[];
  readonly why: string;
}

function findDeletable(
  catalog: Catalog,
  listed: readonly ListedObject[],
  { now, olderThanMinutes }: PruneOptions,
): Deletable[] {
  const folders = Map.groupBy(listed, ({ key }) => key.split("/").slice(1, 3).join("/"));
  return [...folders].flatMap(([folder, objects]): Deletable[] => {
    const published = findPublished(catalog, folder);
    if (!published) {
      const isBegun = catalog.pruning?.folders.includes(folder) ?? false;
      const youngest = Math.min(...objects.map(({ uploadedAt }) => minutesBetween(uploadedAt, now())));
      return isBegun || youngest >= olderThanMinutes ? [{ folder, objects, why: "never published" }] : [];
    }
    const { withdrawn } = published;
    if (!withdrawn || minutesBetween(withdrawn.at, now()) < WITHDRAWAL_GRACE_MINUTES) return [];
    return [{ folder, objects, why: `withdrawn: ${withdrawn.reason}` }];
  });
}

/** The version of a folder <name>/<version>, if the catalog names it. */
function findPublished(catalog: Catalog, folder: string): Published | undefined {
  const [name, version] = folder.split("/");
  return findEntry(catalog, name!)?.history.find((item) => item.version === version);
}

/** @throws PublishError if one of the folders was published since it was found, or another prune is in progress */
function withLease(
  catalog: Catalog | undefined,
  folders: readonly string[],
  now: Date,
  since: string | undefined,
): Catalog {
  const present = withoutLease(catalog, now, since);
  for (const folder of folders) {
    const published = findPublished(present, folder);
    if (!published || published.withdrawn) continue;
    throw new PublishError(`${folder.replace("/", "@")} was published meanwhile; run "npm run prune" again`);
  }
  return { ...present, pruning: { since: now.toISOString(), folders: [...folders] } };
}

/** @param since  our own lease, if there is one */
function withoutLease(catalog: Catalog | undefined, now: Date, since: string | undefined): Catalog {
  if (!catalog) throw new PublishError(`${CATALOG_KEY} was deleted meanwhile`);
  const { pruning, ...rest } = catalog;
  if (!pruning) return catalog;
  if (pruning.since !== since && minutesBetween(pruning.since, now) < LEASE_MINUTES) {
    throw new PublishError(
      `another prune began at ${pruning.since}; if it died, run it again after ${LEASE_MINUTES} minutes`,
    );
  }
  return rest;
}

function minutesBetween(from: string | Date, to: Date): number {
  return (to.getTime() - new Date(from).getTime()) / 60_000;
}
