// A clock for ages that never goes back, though the machine's may be set.

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
