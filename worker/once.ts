// Work that is done when it is first asked for, and shared by all who ask; a failure is forgotten.

/** @param keepAlive  keeps the work going for those who wait for it when the request that began it is gone */
export function once<T>(
  work: () => Promise<T>,
  keepAlive: (work: Promise<unknown>) => void,
): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    if (!result) {
      const attempt = work();
      result = attempt;
      keepAlive(
        attempt.catch(() => {
          result = undefined;
        }),
      );
    }
    return result;
  };
}
