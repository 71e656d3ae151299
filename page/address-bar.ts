// The page's address in step with its choices: rewritten while a control moves, and a new entry of the history where a
// visitor begins something else, so that Back undoes it.

import { type AskedChoices, change, writeChoices } from "./choices.ts";
import { LANGUAGES, type Language } from "./language.ts";

/** Browsers refuse to rewrite the address more often than some hundred times in half a minute. */
const PAUSE_MS = 350;
/** A change of the same choices within this time continues the last one. */
const GESTURE_MS = 2500;

/** Writes what waits for the pause. */
let pending = () => {};
let last = { names: "", atMs: 0 };

/** Begins an entry of the history, unless a change continues the one before it. */
export function stepTo(choices: AskedChoices, patch: Partial<AskedChoices>, language: Language): void {
  const names = Object.keys(patch).sort().join();
  const atMs = performance.now();
  const isSame = names === last.names && atMs - last.atMs < GESTURE_MS;
  last = { names, atMs };
  if (isSame) return;
  const [before, after] = [choices, change(choices, patch)].map((each) => addressOf(each, language));
  if (before === after) return;
  history.replaceState(null, "", before!);
  history.pushState(null, "", after!);
}

/** Rewrites the address after a pause, or when the visitor leaves. @returns what takes it back */
export function replaceAddress(choices: AskedChoices, language: Language): () => void {
  const write = () => history.replaceState(null, "", addressOf(choices, language));
  const timer = setTimeout(write, PAUSE_MS);
  pending = write;
  addEventListener("pagehide", write);
  return () => {
    clearTimeout(timer);
    removeEventListener("pagehide", write);
  };
}

function addressOf(choices: AskedChoices, language: Language): string {
  const query = writeChoices(choices);
  const isOwnPath = location.pathname === LANGUAGES[language].path;
  // The page at / may show any language, the other paths only their own.
  const path = isOwnPath || location.pathname === "/" ? location.pathname : LANGUAGES[language].path;
  return `${path}${query && `?${query}`}${location.hash}`;
}

/** The page's address with every choice, without a pause. */
export function currentAddress(): string {
  pending();
  return location.href;
}
