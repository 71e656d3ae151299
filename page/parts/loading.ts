// What a part of the page has to wait for: its place in the window, and files of a release.

import { useEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../service.ts";
import { type Answer, usePage } from "../state.ts";

/** How far below the window a part begins to load. */
const AHEAD = "400px";

/** Whether an element has ever been near the window: what lies far below is not loaded before. */
export function useNearness<Element extends HTMLElement>() {
  const ref = useRef<Element>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        setNear(true);
        observer.disconnect();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return { ref, isNear };
}

/**
 * Loads something for a key, and again when the page tries again.
 * @param key  undefined while it is not wanted
 * @param load  remembers what it has loaded
 */
export function useLoaded<Key, Value>(
  key: Key | undefined,
  load: (key: Key) => Promise<Value>,
): Answer<Value> {
  const { state } = usePage();
  const [answer, setAnswer] = useState<Answer<Value> & { readonly key?: Key }>({ status: "waiting" });
  const { attempt } = state;
  // Another attempt loads again; `load` is the same function always.
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

/** A value once it has stayed the same for a while. */
export function useSettled<Value>(value: Value, milliseconds: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
