// What a section waits for: coming near the window, a model, and what it loads.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Card } from "../../shared/release/release.ts";
import { type Answer, useAnswer } from "../answer.ts";
import { isChosen, isReadable, type ReadableModel } from "../releases.ts";
import { usePage } from "../state.ts";

/** How far below the window a section begins to load. */
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

/** The model for a section that not every model suits: the chosen one if it does, else the default, else the first. */
export function useModel(suits: (card: Card) => boolean): ReadableModel | undefined {
  const { models, choices } = usePage();
  const published = models.status === "ready" ? models.value : [];
  const able = published.filter(isReadable).filter(({ card }) => suits(card));
  return able.find((model) => isChosen(model, choices)) ?? able.find(({ isDefault }) => isDefault) ?? able[0];
}

/** `useAnswer` that asks again when the page tries again. */
export function useLoaded<Key, Value>(
  key: Key | undefined,
  load: (key: Key) => Promise<Value>,
): Answer<Value> {
  return useAnswer(key, load, usePage().attempt);
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
