// Asynchronous work that is shared by all callers with the same key, and kept for later if wanted. Failures are forgotten,
// so that the next caller tries again.

/** Work begun by a Worker's request never settles if that request has ended: older work is started again. */
const ABANDONED_MS = 30_000;

export interface MemoizeOptions<Key> {
  readonly keyOf?: (key: Key) => string;
  /** How many of the most recently used results are kept; 0 shares only work in progress. */
  readonly keeps?: number;
  /** Monotonic milliseconds. Without a clock no work counts as abandoned. */
  readonly now?: () => number;
  /** Keeps work alive for other callers when the request that began it has ended. */
  readonly keepAlive?: (work: Promise<unknown>) => void;
}

interface Entry<Value> {
  readonly value: Promise<Value>;
  readonly since: number;
  isDone: boolean;
}

export function memoize<Value, Key = void>(
  work: (key: Key) => Promise<Value>,
  {
    keyOf = String,
    keeps = Number.POSITIVE_INFINITY,
    now = () => 0,
    keepAlive = () => {},
  }: MemoizeOptions<Key> = {},
): (key: Key) => Promise<Value> {
  /** In order of use: the first is dropped first. */
  const entries = new Map<string, Entry<Value>>();

  const begin = (name: string, key: Key): Entry<Value> => {
    const entry: Entry<Value> = { value: work(key), since: now(), isDone: false };
    const forget = () => {
      if (entries.get(name) === entry) entries.delete(name);
    };
    const done = () => {
      entry.isDone = true;
      if (keeps === 0) forget();
    };
    keepAlive(entry.value.then(done, forget));
    return entry;
  };

  return (key) => {
    const name = keyOf(key);
    const known = entries.get(name);
    const isUsable = known && (known.isDone || now() - known.since < ABANDONED_MS);
    const entry = isUsable ? known : begin(name, key);
    entries.delete(name);
    entries.set(name, entry);
    if (keeps > 0 && entries.size > keeps) entries.delete(entries.keys().next().value!);
    return entry.value;
  };
}
