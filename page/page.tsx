// The page: its sections in order.

import { useEffect } from "preact/hooks";
import { Bench } from "./bench.tsx";
import { DialsSection } from "./dials.tsx";
import { DrawSection } from "./draw.tsx";
import { LANGUAGES, type Language, TAGS } from "./language.ts";
import { loadParts } from "./lazy.ts";
import { MapSection } from "./map.tsx";
import { ModelsSection } from "./models.tsx";
import { RelativesSection } from "./relatives.tsx";
import { PageContext, usePage, usePageState } from "./state.ts";
import { TakeSection } from "./take.tsx";
import { WalkSection } from "./walk.tsx";

const ANCHORS = ["draw", "map", "dials", "walk", "take", "models"] as const;

/** @param built  the language that the page is built in */
export function App({ built }: { built: Language }) {
  const page = usePageState(built);
  const hasDrawn = page.word !== undefined;
  useEffect(() => {
    if (hasDrawn) loadParts();
  }, [hasDrawn]);
  return (
    <PageContext.Provider value={page}>
      <Header />
      <main id="main">
        <Bench />
        {/* Begins again when the address is read, so that it does not wait as if the seed were being typed. */}
        <RelativesSection key={String(page.isAlive)} />
        <DrawSection />
        <MapSection />
        <DialsSection />
        <WalkSection />
        <TakeSection />
        <ModelsSection />
      </main>
      <footer>
        <p>{page.t.footer.line}</p>
        <p>
          <a href="/docs">{page.t.footer.api}</a> · <a href="/openapi.json">{page.t.footer.openapi}</a>
        </p>
      </footer>
    </PageContext.Provider>
  );
}

function Header() {
  const { t, language, switchLanguage } = usePage();
  return (
    <header class="top">
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <a class="name" href="#main">
        Edge Digits
      </a>
      <nav aria-label={t.nav.label}>
        <ul>
          {ANCHORS.map((anchor) => (
            <li key={anchor}>
              <a href={`#${anchor}`}>{t.nav[anchor]}</a>
            </li>
          ))}
          <li>
            <a href="/docs">{t.nav.api}</a>
          </li>
        </ul>
      </nav>
      <nav class="languages" aria-label={t.language}>
        {TAGS.map((tag) => (
          <a
            key={tag}
            href={LANGUAGES[tag].path}
            hreflang={tag}
            lang={tag}
            aria-current={tag === language ? "true" : undefined}
            onClick={(event) => {
              event.preventDefault();
              switchLanguage(tag);
            }}
          >
            {LANGUAGES[tag].name}
          </a>
        ))}
      </nav>
    </header>
  );
}
