// Adopts a new catalog. A model that is being served changes only when its new live versions have been loaded, so neither a
// publish nor a damaged release makes a request wait or fail.

import type { Catalog, CatalogEntry } from "../../shared/release/catalog.ts";
import type { Faults } from "./faults.ts";
import type { Version } from "./reference.ts";

export type Adoption = ReturnType<typeof createAdoption>;

interface Models {
  readonly isLoaded: (version: Version) => boolean;
  readonly load: (version: Version) => Promise<unknown>;
  readonly faults: Faults;
}

export function createAdoption({ isLoaded, load, faults }: Models) {
  let lastRead: Catalog | undefined;

  /** The new entry with the previous live versions, until its own can be served. */
  const holdEntry = (name: string, read: CatalogEntry, served: CatalogEntry): CatalogEntry => {
    const isServing = isLoaded({ name, version: served.stable });
    if (!isServing || !isPublished(read, served.stable) || liveKey(read) === liveKey(served)) return read;
    const canary = served.canary && isPublished(read, served.canary.version) ? served.canary : null;
    return { ...read, stable: served.stable, canary };
  };

  const prepareEntry = async (name: string, read: CatalogEntry, held: CatalogEntry) => {
    if (held === read) return read;
    const loads = liveVersions(read).map((version) => load({ name, version }));
    const results = await Promise.allSettled(loads);
    return results.every(({ status }) => status === "fulfilled") ? read : held;
  };

  return {
    /** What is served immediately: the same catalog if nothing has to wait. */
    hold: (read: Catalog, served: Catalog | undefined): Catalog => {
      // A fault that persists with another catalog is found again.
      if (read !== lastRead) faults.clear();
      lastRead = read;
      if (!served) return read;
      const entries = Object.entries(read.models).map(([name, entry]) => {
        const old = Object.hasOwn(served.models, name) ? served.models[name] : undefined;
        return [name, old ? holdEntry(name, entry, old) : entry] as const;
      });
      const isReady = entries.every(([name, entry]) => entry === read.models[name]);
      return isReady ? read : { ...read, models: Object.fromEntries(entries) };
    },
    /** What is served once the new live versions have been loaded, or could not be. */
    prepare: async (read: Catalog, held: Catalog): Promise<Catalog> => {
      const entries = Object.entries(read.models).map(
        async ([name, entry]) => [name, await prepareEntry(name, entry, held.models[name]!)] as const,
      );
      return { ...read, models: Object.fromEntries(await Promise.all(entries)) };
    },
  };
}

function liveVersions({ stable, canary }: CatalogEntry): string[] {
  return canary ? [stable, canary.version] : [stable];
}

function liveKey({ stable, canary }: CatalogEntry): string {
  return `${stable} ${canary?.version} ${canary?.percent}`;
}

function isPublished({ history }: CatalogEntry, version: string): boolean {
  return history.some((item) => item.version === version && !item.withdrawn);
}
