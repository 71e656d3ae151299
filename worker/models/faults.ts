// Current faults of releases, for /health and the log: from the first failure until it works again, or until it has not
// recurred for a while.

const MAX_FAULTS = 32;
const KEPT_MS = 600_000;

export interface Fault {
  /** name@version, with or without a part of it, or catalog.json. */
  readonly what: string;
  readonly why: string;
}

export type Faults = ReturnType<typeof createFaults>;

/** @param now  monotonic milliseconds */
export function createFaults(now: () => number) {
  const faults = new Map<string, { readonly why: string; readonly at: number }>();
  return {
    /** Does some work, and records its failure. */
    watch: async <Value>(what: string, work: () => Promise<Value>): Promise<Value> => {
      try {
        const value = await work();
        if (faults.delete(what)) console.warn(`${what} recovered`);
        return value;
      } catch (error) {
        const { message: why } = error as Error;
        if (faults.get(what)?.why !== why) console.error(`${what} cannot be loaded: ${why}`);
        faults.delete(what);
        faults.set(what, { why, at: now() });
        if (faults.size > MAX_FAULTS) faults.delete(faults.keys().next().value!);
        throw error;
      }
    },
    /** Whether it failed in the last `withinMs` milliseconds. */
    hasFailed: (what: string, withinMs: number): boolean => {
      const fault = faults.get(what);
      return fault !== undefined && now() - fault.at <= withinMs;
    },
    clear: () => faults.clear(),
    list: (): Fault[] =>
      [...faults].filter(([, { at }]) => now() - at <= KEPT_MS).map(([what, { why }]) => ({ what, why })),
  };
}
