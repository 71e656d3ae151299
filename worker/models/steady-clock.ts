// Ages are measured by a clock that never goes back, though a machine's clock may be set.

/** @param now  milliseconds; where it goes back, the steady clock goes on from where it was */
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
