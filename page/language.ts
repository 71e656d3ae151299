// The page's languages: a file of texts each, and which of them a visitor reads.

import { en, type Texts } from "./texts/en.ts";
import { ptBr } from "./texts/pt-br.ts";

/** By tag (RFC 5646): the texts, and the address of the page that is built in them. */
export const LANGUAGES = {
  en: { texts: en, path: "/", name: "English" },
  "pt-BR": { texts: ptBr, path: "/pt-br", name: "Português" },
} as const satisfies Record<string, { texts: Texts; path: string; name: string }>;

export type Language = keyof typeof LANGUAGES;

export const isLanguage = (text: unknown): text is Language =>
  typeof text === "string" && Object.hasOwn(LANGUAGES, text);

/**
 * The language to begin with: that of an address of its own, then what the visitor chose before, then the first of the
 * browser's that there is, then English.
 * @param path  of the page's address
 * @param chosen  what was kept of an earlier visit
 * @param preferred  the browser's languages, the favourite first
 */
export function pickLanguage(path: string, chosen: string | null, preferred: readonly string[]): Language {
  const tags = Object.keys(LANGUAGES) as Language[];
  const ofPath = tags.find((tag) => LANGUAGES[tag].path !== "/" && path.startsWith(LANGUAGES[tag].path));
  if (ofPath) return ofPath;
  if (isLanguage(chosen)) return chosen;
  const base = (tag: string) => tag.toLowerCase().split("-")[0];
  const first = preferred.map((tag) => tags.find((known) => base(known) === base(tag))).find((tag) => tag);
  return first ?? "en";
}
