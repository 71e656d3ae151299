// The page's state, in one place: components read it from here, and change it only through the functions of `Page`.

import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { GreyImage } from "../shared/image/raster.ts";
import { replaceAddress, stepTo } from "./address-bar.ts";
import { useAnswer, useLatest } from "./answer.ts";
import { type AskedChoices, type Choices, change, DEFAULTS, readChoices } from "./choices.ts";
import { inStorage, LANGUAGE_KEY, LANGUAGES, type Language, pickLanguage } from "./language.ts";
import { findModel, isReadable, loadModels, loadRelease, ownGuidance } from "./releases.ts";
import type { Texts } from "./texts/en.ts";
import { drawWord } from "./word.ts";

/** The page as it is built. */
const BUILT = {
  choices: DEFAULTS,
  /** Scripts run: controls work. */
  isAlive: false,
  /** Where the page came from, such as http://localhost:8787; empty while it is built. */
  origin: "",
  /** Grows when the connection comes back or a visitor asks to try again: what failed is requested again. */
  attempt: 0,
  /** The visitor's own digit, in MNIST's form. */
  drawn: undefined as GreyImage | undefined,
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
  const { model, models, release, isUnknown } = useChosenModel(state.choices, isAlive, attempt);
  const guidance = model?.card && ownGuidance(model.card);
  // A model without guidance would refuse it.
  const isRefused = model !== undefined && guidance === undefined;
  const choices = useMemo(
    (): Choices => ({
      ...state.choices,
      seed: state.choices.seed ?? t.bench.first,
      to: state.choices.to ?? t.walk.first,
      ...(isRefused && { guidance: undefined }),
    }),
    [isRefused, state.choices, t],
  );
  const { seed, digit, temperature, guidance: asked } = choices;
  const word = useMemo(
    () => release && drawWord(release, { seed, digit, temperature, guidance: asked }),
    [release, seed, digit, temperature, asked],
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
    if (isAlive) return replaceAddress(state.choices, language);
  }, [isAlive, state.choices, language]);

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
    /** The chosen model, or the server's default where there is none of that name; undefined until it is known. */
    model,
    /** No model has the name that the address asks for. */
    isUnknown,
    /** The chosen model, ready to draw in the page; the previous one until then. */
    release,
    /** The word's digit, drawn by `release`. */
    word,
    /** The chosen model's own, where it has one. */
    guidance,
    /** Writes a number with 0, 1 or 2 decimals, as the language does. */
    decimals: (value: number, digits: 0 | 1 | 2) => formats[digits]!.format(value),
    choose: (patch: Partial<AskedChoices>) => {
      stepTo(state.choices, patch, language);
      setState((before) => ({ ...before, choices: change(before.choices, patch) }));
    },
    switchLanguage: (chosen: Language) => {
      inStorage((storage) => storage.setItem(LANGUAGE_KEY, chosen));
      setState((before) => ({ ...before, language: chosen }));
    },
    tryAgain,
    setDrawn: (drawn: GreyImage | undefined) => setState((before) => ({ ...before, drawn })),
  };
}

function useChosenModel({ model: reference }: AskedChoices, isAlive: boolean, attempt: number) {
  const models = useAnswer(isAlive ? "models" : undefined, () => loadModels(), attempt);
  const published = models.status === "ready" ? models.value : [];
  const standard = published.find(({ isDefault }) => isDefault);
  const found = useAnswer(isAlive ? reference : undefined, findModel, attempt);
  const isUnknown = reference !== undefined && found.status === "ready" && found.value === undefined;
  const asked = found.status === "ready" ? found.value : undefined;
  const model = reference === undefined || isUnknown ? standard : asked;
  const loaded = useAnswer(model && isReadable(model) ? model : undefined, loadRelease, attempt);
  return { models, model, isUnknown, release: useLatest(loaded) };
}
