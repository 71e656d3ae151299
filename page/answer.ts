// Something that has to be loaded first.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Failure, failureOf } from "./service.ts";

export type Answer<Value> =
  | { readonly status: "waiting" }
  | { readonly status: "ready"; readonly value: Value }
  | { readonly status: "failed"; readonly failure: Failure };

/**
 * Loads something for a key, and again at every attempt.
 * @param key  undefined while it is not wanted
 * @param load  always the same function; remembers what it has loaded
 */
export function useAnswer<Key, Value>(
  key: Key | undefined,
  load: (key: Key) => Promise<Value>,
  attempt: number,
): Answer<Value> {
  const [answer, setAnswer] = useState<Answer<Value> & { readonly key?: Key }>({ status: "waiting" });
  useEffect(() => {
    if (key === undefined) return;
    let isWanted = true;
    load(key).then(
      (value) => isWanted && setAnswer({ status: "ready", value, key }),
      (error) => isWanted && setAnswer({ status: "failed", failure: failureOf(error), key }),
    );
    return () => {
      isWanted = false;
    };
  }, [key, attempt]);
  return answer.key === key ? answer : { status: "waiting" };
}

/** What was loaded last, while the next is not there. */
export function useLatest<Value>(answer: Answer<Value>): Value | undefined {
  const latest = useRef<Value | undefined>(undefined);
  if (answer.status === "ready") latest.current = answer.value;
  return latest.current;
}
