// The page as HTML, as it is before any script has run and without scripts. Written by scripts/site/landing.ts.

import { render } from "preact-render-to-string";
import { LANGUAGES, type Language, TAGS } from "./language.ts";
import { App } from "./page.tsx";

export { LANGUAGES };

/**
 * HTML of the page in a language.
 * @param assets  addresses of the page's own files
 */
export function renderDocument(language: Language, assets: { script: string; style: string }): string {
  const { title, description } = LANGUAGES[language].texts;
  return `<!doctype html>\n${render(
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content={description} />
        <title>{title}</title>
        <link rel="icon" href="/sample?seed=42&format=svg&size=32" />
        {TAGS.map((tag) => (
          <link key={tag} rel="alternate" hreflang={tag} href={LANGUAGES[tag].path} />
        ))}
        <link rel="stylesheet" href={assets.style} />
        <script type="module" src={assets.script} />
      </head>
      <body>
        <div id="page">
          <App built={language} />
        </div>
      </body>
    </html>,
  )}\n`;
}
