// The page's languages, one file of texts each, and which one to begin with.

import { en, type Texts } from "./texts/en.ts";
import { ptBr } from "./texts/pt-br.ts";

/** By tag (RFC 5646): the texts, and the address of the page that is built in them. */
export const LANGUAGES = {
  en: { texts: en, path: "/", name: "English" },
  "pt-BR": { texts: ptBr, path: "/pt-br", name: "Português" },
} as const satisfies Record<string, { texts: Texts; path: string; name: string }>;

export type Language = keyof typeof LANGUAGES;

export const TAGS = Object.keys(LANGUAGES) as Language[];

/** Where the language that a visitor chose is remembered. */
export const LANGUAGE_KEY = "language";

export const isLanguage = (text: unknown): text is Language => TAGS.some((tag) => tag === text);

/**
 * The language to begin with: the one of a path such as /pt-br, else the one chosen on an earlier visit, else the first of
 * the browser's that the page has, else English.
 * @param path  of the page's address
 * @param chosen  what an earlier visit stored
 * @param preferred  the browser's languages, the favourite first
 */
export function pickLanguage(path: string, chosen: unknown, preferred: readonly string[]): Language {
  const ofPath = TAGS.find((tag) => LANGUAGES[tag].path !== "/" && path.startsWith(LANGUAGES[tag].path));
  if (ofPath) return ofPath;
  if (isLanguage(chosen)) return chosen;
  const base = (tag: string) => tag.toLowerCase().split("-")[0];
  const known = preferred.map((tag) => TAGS.find((each) => base(each) === base(tag)));
  return known.find((tag) => tag !== undefined) ?? "en";
}

/** A browser without storage only forgets which language was chosen. */
export function inStorage<Value>(use: (storage: Storage) => Value): Value | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}
