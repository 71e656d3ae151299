// The page comes alive: the built HTML is taken over, the address read, and kept in step with what is chosen.

import "./style.css";
import { hydrate, render } from "preact";
import { type Choices, DEFAULTS, readChoices, writeChoices } from "./choices.ts";
import { isLanguage, LANGUAGES, type Language, pickLanguage } from "./language.ts";
import { App } from "./page.tsx";
import { loadModels } from "./releases.ts";
import { failureOf } from "./service.ts";
import { createStore, type Page, type State } from "./state.ts";

/** Browsers refuse to rewrite the address more often than some hundred times in half a minute. */
const ADDRESS_EVERY_MS = 350;
const LANGUAGE_KEY = "language";

const root = document.getElementById("page")!;
const built = document.documentElement.lang;
const initial: State = {
  language: isLanguage(built) ? built : "en",
  choices: DEFAULTS,
  models: { status: "waiting" },
  isAlive: false,
  origin: "",
  attempt: 0,
};

const store = createStore(initial, (state) => {
  render(<App page={pageOf(state)} />, root);
  writeAddressSoon();
});

function pageOf(state: State): Page {
  return {
    state,
    t: LANGUAGES[state.language].texts,
    choose: (patch: Partial<Choices>) => store.update({ choices: { ...store.state().choices, ...patch } }),
    switchLanguage: (language) => {
      keepLanguage(language);
      speak(language);
    },
    tryAgain,
  };
}

function speak(language: Language): void {
  document.documentElement.lang = language;
  document.title = LANGUAGES[language].texts.title;
  store.update({ language });
}

function tryAgain(): void {
  store.update({ attempt: store.state().attempt + 1 });
  if (store.state().models.status !== "ready") void fetchModels();
}

async function fetchModels(): Promise<void> {
  try {
    store.update({ models: { status: "ready", value: await loadModels() } });
  } catch (error) {
    store.update({ models: { status: "failed", failure: failureOf(error) } });
  }
}

// The address and the choices.
let isAddressDue = false;
function writeAddressSoon(): void {
  if (isAddressDue) return;
  isAddressDue = true;
  setTimeout(() => {
    isAddressDue = false;
    writeAddress();
  }, ADDRESS_EVERY_MS);
}

function writeAddress(): void {
  const { choices, language } = store.state();
  const query = writeChoices(choices);
  const isOwnPath = location.pathname === LANGUAGES[language].path;
  // On the first path every language is spoken, by the browser's preference; on the others only their own.
  const path = isOwnPath || location.pathname === "/" ? location.pathname : LANGUAGES[language].path;
  history.replaceState(null, "", `${path}${query && `?${query}`}${location.hash}`);
}

const readAddress = () => store.update({ choices: readChoices(location.search) });

// What a browser without storage forgets is only which language was chosen.
function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    return;
  }
}

function keptLanguage(): string | null {
  try {
    return localStorage.getItem(LANGUAGE_KEY);
  } catch {
    return null;
  }
}

hydrate(<App page={pageOf(initial)} />, root);
speak(pickLanguage(location.pathname, keptLanguage(), navigator.languages));
store.update({ isAlive: true, origin: location.origin });
readAddress();
window.addEventListener("popstate", readAddress);
window.addEventListener("online", tryAgain);
// A copy of the address is to be whole, even within the pause.
window.addEventListener("pagehide", writeAddress);
void fetchModels();
