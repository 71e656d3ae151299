// What a section waits for: coming near the window, a model, and what it loads.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Card } from "../../shared/release/release.ts";
import { type Answer, useAnswer } from "../answer.ts";
import { isReadable, type ReadableModel } from "../releases.ts";
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
  const { models, model } = usePage();
  if (model && isReadable(model) && suits(model.card)) return model;
  const published = models.status === "ready" && model ? models.value : [];
  const able = published.filter(isReadable).filter(({ card }) => suits(card));
  return able.find(({ isDefault }) => isDefault) ?? able[0];
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

/** How long a control rests before the whole page follows. */
const REST_MS = 200;

/**
 * A value that follows the hand at once, in its part of the page, and becomes the page's once it rests.
 * @param value  the page's
 * @param commit  receives it
 */
export function useDraft<Value>(
  value: Value,
  commit: (value: Value) => void,
): readonly [Value, (value: Value) => void] {
  const [draft, setDraft] = useState<{ readonly value: Value; readonly from: Value }>();
  const isOpen = draft !== undefined && draft.from === value;
  useEffect(() => {
    if (!isOpen) return;
    const timer = setTimeout(() => commit(draft.value), REST_MS);
    return () => clearTimeout(timer);
  }, [draft, isOpen]);
  return [isOpen ? draft.value : value, (next) => setDraft({ value: next, from: value })];
}

/**
 * What a field holds, which may be no value for the page; it follows when the page's value changes.
 * @param value  the page's
 * @param take  receives what is typed, and returns the value that it makes the page's, if it is one
 */
export function useField(
  value: string,
  take: (text: string) => string | undefined,
): readonly [string, (text: string) => void] {
  const [draft, setDraft] = useState({ text: value, value });
  // Keys may come faster than the page follows.
  const latest = useRef(value);
  latest.current = value;
  const type = (text: string) => {
    latest.current = take(text) ?? latest.current;
    setDraft({ text, value: latest.current });
  };
  return [draft.value === value ? draft.text : value, type];
}
