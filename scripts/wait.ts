// Waits until a server answers, for as long as it takes.

const MINUTE_MS = 60_000;

interface Waiting {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly log: (line: string) => void;
}

/**
 * Asks until there is an answer, and logs every minute without one.
 * @param ask  rejects while there is no answer
 * @returns false if it was aborted
 */
export async function waitUntilServing(
  ask: () => Promise<unknown>,
  { signal, now, sleep, log }: Waiting,
): Promise<boolean> {
  const begun = now();
  for (let minutes = 1; !signal.aborted; await sleep(100)) {
    const [answer] = await Promise.allSettled([ask()]);
    if (answer.status === "fulfilled") return !signal.aborted;
    if (now() - begun < minutes * MINUTE_MS) continue;
    log(`no answer from the server after ${minutes} min; still waiting, Ctrl-C stops it`);
    minutes = 1 + Math.floor((now() - begun) / MINUTE_MS);
  }
  return false;
}
