// How much is loaded at the same time: every load holds its bytes until it is done.

import { BucketError } from "../../shared/errors.ts";

/** A load that is older lost its request, and holds nothing any more. */
const ABANDONED_MS = 30_000;

export type Gate = <Value>(cost: number, load: () => Promise<Value>) => Promise<Value>;

/**
 * Refuses what would be too much at one time.
 * @param most  sum of the costs of loads under way
 * @param what  is loaded, plural
 * @param now  milliseconds, never going back
 * @returns a gate that throws BucketError
 */
export function createGate(most: number, what: string, now: () => number): Gate {
  const underWay = new Set<{ readonly cost: number; readonly since: number }>();
  return async (cost, load) => {
    for (const other of underWay) if (now() - other.since > ABANDONED_MS) underWay.delete(other);
    const total = [...underWay].reduce((sum, other) => sum + other.cost, cost);
    if (total > most) throw new BucketError(`too many other ${what} are being loaded; try again in a moment`);
    const mine = { cost, since: now() };
    underWay.add(mine);
    try {
      return await load();
    } finally {
      underWay.delete(mine);
    }
  };
}
