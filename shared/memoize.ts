// Asynchronous work that is shared by all who ask for it under one key, and kept for later where that is wanted. A failure
// is forgotten, so that the next one who asks tries again.

/** Work of a Worker's request that ended before it never settles: what is older is begun again. */
const ABANDONED_MS = 30_000;

export interface MemoizeOptions<Key> {
  readonly keyOf?: (key: Key) => string;
  /** Results that are kept, those that were used last; 0 shares only what is under way. */
  readonly keeps?: number;
  /** Milliseconds, never going back. Without a clock no work counts as abandoned. */
  readonly now?: () => number;
  /** Keeps work going for those who wait for it when the request that began it is gone. */
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
  /** In order of use: the first is the one to go. */
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
