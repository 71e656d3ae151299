// The page as a file: what stands there before any script has run, and without any. Made by scripts/site/landing.ts.

import { render } from "preact-render-to-string";
import { DEFAULTS } from "./choices.ts";
import { LANGUAGES, type Language } from "./language.ts";
import { App } from "./page.tsx";
import type { Page } from "./state.ts";

export { LANGUAGES, type Language };

/** Addresses of the page's own files. */
export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** HTML of the page in a language. */
export function renderDocument(language: Language, { script, style }: Assets): string {
  const { texts: t } = LANGUAGES[language];
  const page: Page = {
    t,
    state: {
      language,
      choices: DEFAULTS,
      models: { status: "waiting" },
      isAlive: false,
      origin: "",
      attempt: 0,
    },
    choose: () => {},
    switchLanguage: () => {},
    tryAgain: () => {},
  };
  const head = (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="description" content={t.description} />
      <title>{t.title}</title>
      <link rel="icon" href="/sample?seed=42&format=svg&size=32" />
      {Object.entries(LANGUAGES).map(([tag, { path }]) => (
        <link key={tag} rel="alternate" hreflang={tag} href={path} />
      ))}
      <link rel="stylesheet" href={style} />
      <script type="module" src={script} />
    </head>
  );
  return `<!doctype html>\n${render(
    <html lang={language}>
      {head}
      <body>
        <div id="page">
          <App page={page} />
        </div>
      </body>
    </html>,
  )}\n`;
}
