// Bounds concurrent work that holds memory until it is done.

/** Older work has lost its request, and holds no memory. */
const ABANDONED_MS = 30_000;

interface GateOptions {
  /** Highest sum of the costs of concurrent work. */
  readonly most: number;
  /** The error beyond that, given the sum of current costs. */
  readonly refuse: (held: number) => Error;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly abandonedMs?: number;
}

export function createGate({ most, refuse, now, abandonedMs = ABANDONED_MS }: GateOptions) {
  const underWay = new Set<{ readonly cost: number; readonly since: number }>();
  return async <Value>(cost: number, work: () => Promise<Value>): Promise<Value> => {
    for (const other of underWay) if (now() - other.since > abandonedMs) underWay.delete(other);
    const held = [...underWay].reduce((sum, other) => sum + other.cost, 0);
    if (held + cost > most) throw refuse(held);
    const mine = { cost, since: now() };
    underWay.add(mine);
    try {
      return await work();
    } finally {
      underWay.delete(mine);
    }
  };
}
