// The page's state, in one place: components read it from here, and change it only through the functions of `Page`.

import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { useAnswer } from "./answer.ts";
import { type Choices, change, DEFAULTS, readChoices, writeChoices } from "./choices.ts";
import { LANGUAGES, type Language, pickLanguage } from "./language.ts";
import { isChosen, loadModels, ownGuidance } from "./releases.ts";
import type { Texts } from "./texts/en.ts";

/** Browsers refuse to rewrite the address more often than some hundred times in half a minute. */
const ADDRESS_PAUSE_MS = 350;
const LANGUAGE_KEY = "language";

/** The page as it is built. */
const BUILT = {
  choices: DEFAULTS,
  /** Scripts run: controls work. */
  isAlive: false,
  /** Where the page came from, such as http://localhost:8787; empty while it is built. */
  origin: "",
  /** Grows when the connection comes back or a visitor asks to try again: what failed is requested again. */
  attempt: 0,
};

/** What every component can reach. */
export type Page = ReturnType<typeof usePageState>;

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  return useContext(PageContext)!;
}

/**
 * The state of the page as built, which then reads the address and keeps it in step with the choices.
 * @param built  language of the built page
 */
export function usePageState(built: Language) {
  const [state, setState] = useState({ ...BUILT, language: built });
  const { language, isAlive, attempt } = state;
  const t: Texts = LANGUAGES[language].texts;
  const models = useAnswer(isAlive ? "models" : undefined, () => loadModels(), attempt);
  const published = models.status === "ready" ? models.value : [];
  const chosen = published.find((model) => isChosen(model, state.choices));
  const guidance = chosen?.card && ownGuidance(chosen.card);
  // A model without guidance would refuse it.
  const isRefused = chosen !== undefined && guidance === undefined;
  const choices = useMemo(
    () => (isRefused ? { ...state.choices, guidance: undefined } : state.choices),
    [isRefused, state.choices],
  );
  const tryAgain = () => setState((before) => ({ ...before, attempt: before.attempt + 1 }));

  useLayoutEffect(() => {
    const readAddress = () => setState((before) => ({ ...before, choices: readChoices(location.search) }));
    const kept = inStorage((storage) => storage.getItem(LANGUAGE_KEY));
    const spoken = pickLanguage(location.pathname, kept, navigator.languages);
    setState((before) => ({ ...before, language: spoken, isAlive: true, origin: location.origin }));
    readAddress();
    addEventListener("popstate", readAddress);
    addEventListener("online", tryAgain);
  }, []);

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t.title;
  }, [language]);

  useEffect(() => {
    if (!isAlive) return;
    const write = () => writeAddress(choices, language);
    const timer = setTimeout(write, ADDRESS_PAUSE_MS);
    // Whoever leaves within the pause comes back to the whole address.
    addEventListener("pagehide", write);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", write);
    };
  }, [isAlive, choices, language]);

  const formats = useMemo(
    () =>
      [0, 1, 2].map(
        (digits) =>
          new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
      ),
    [language],
  );
  return {
    ...state,
    t,
    choices,
    /** What is published. */
    models,
    /** The chosen model's own, where it has one. */
    guidance,
    /** Writes a number with 0, 1 or 2 decimals, as the language does. */
    decimals: (value: number, digits: 0 | 1 | 2) => formats[digits]!.format(value),
    choose: (patch: Partial<Choices>) =>
      setState((before) => ({ ...before, choices: change(before.choices, patch) })),
    switchLanguage: (chosen: Language) => {
      inStorage((storage) => storage.setItem(LANGUAGE_KEY, chosen));
      setState((before) => ({ ...before, language: chosen }));
    },
    tryAgain,
  };
}

function writeAddress(choices: Choices, language: Language): void {
  const query = writeChoices(choices);
  const isOwnPath = location.pathname === LANGUAGES[language].path;
  // The page at / may show any language, the other paths only their own.
  const path = isOwnPath || location.pathname === "/" ? location.pathname : LANGUAGES[language].path;
  history.replaceState(null, "", `${path}${query && `?${query}`}${location.hash}`);
}

/** A browser without storage only forgets which language was chosen. */
function inStorage<Value>(use: (storage: Storage) => Value): Value | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}
