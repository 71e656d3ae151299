// The page as HTML, as it is before any script has run and without scripts. Written by scripts/site/landing.ts.

import { render } from "preact-render-to-string";
import { sampleAddress } from "./addresses.ts";
import { DEFAULTS } from "./choices.ts";
import { LANGUAGES, type Language, TAGS } from "./language.ts";
import { App } from "./page.tsx";

export { LANGUAGES };

/**
 * HTML of the page in a language.
 * @param assets  addresses of the page's own files
 */
export function renderDocument(language: Language, assets: { script: string; style: string }): string {
  const { title, description, bench, walk } = LANGUAGES[language].texts;
  const preview = sampleAddress({ ...DEFAULTS, seed: bench.first, to: walk.first, size: 512 });
  return `<!doctype html>\n${render(
    <html lang={language} data-word={bench.first}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content={description} />
        <meta name="theme-color" content="#faf8f4" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#191a1d" media="(prefers-color-scheme: dark)" />
        <title>{title}</title>
        {/* Previews of links; the Worker makes the addresses whole, and draws the word of the link. */}
        <meta property="og:type" content="website" />
        <meta property="og:site_name" content="Edge Digits" />
        <meta property="og:title" content={bench.picture(bench.first, undefined)} />
        <meta property="og:description" content={description} />
        <meta property="og:image" content={preview} />
        <meta property="og:image:alt" content={bench.picture(bench.first, undefined)} />
        <meta name="twitter:card" content="summary" />
        <link rel="icon" href="/sample?seed=42&format=svg&size=32" />
        <link rel="apple-touch-icon" href="/sample?seed=42&size=180" />
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
