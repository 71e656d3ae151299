// A monotonic clock for ages, although the machine's clock may be set.

/** @param now  milliseconds; when it goes back, the steady clock continues from its last value */
export function steadyClock(now: () => number): () => number {
  let last = now();
  let ahead = 0;
  return () => {
    const time = now();
    ahead = Math.max(ahead, last - time);
    last = time + ahead;
    return last;
  };
}
