// The page: its parts in order.

import { Bench } from "./bench.tsx";
import { DialsSection } from "./dials.tsx";
import { DrawSection } from "./draw.tsx";
import { Gallery } from "./gallery.tsx";
import { LANGUAGES, type Language } from "./language.ts";
import { MapSection } from "./map.tsx";
import { ModelsSection } from "./models.tsx";
import { WrittenNumber } from "./number.tsx";
import { Snippets } from "./snippets.tsx";
import { type Page, PageContext, usePage } from "./state.ts";
import { WalkSection } from "./walk.tsx";

export function App({ page }: { page: Page }) {
  return (
    <PageContext.Provider value={page}>
      <Header />
      <main id="main">
        <Bench />
        <Snippets />
        {/* Its pause for typing is not to begin with the seed of the page as built. */}
        <Gallery key={String(page.state.isAlive)} />
        <WrittenNumber />
        <MapSection />
        <DialsSection />
        <WalkSection />
        <DrawSection />
        <ModelsSection />
      </main>
      <Footer />
    </PageContext.Provider>
  );
}

const ANCHORS = ["map", "dials", "walk", "draw", "models"] as const;

function Header() {
  const { t } = usePage();
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
      <Languages />
    </header>
  );
}

function Languages() {
  const { state, t, switchLanguage } = usePage();
  return (
    <nav class="languages" aria-label={t.language}>
      {(Object.keys(LANGUAGES) as Language[]).map((tag) => (
        <a
          key={tag}
          href={LANGUAGES[tag].path}
          hreflang={tag}
          lang={tag}
          aria-current={tag === state.language ? "true" : undefined}
          onClick={(event) => {
            event.preventDefault();
            switchLanguage(tag);
          }}
        >
          {LANGUAGES[tag].name}
        </a>
      ))}
    </nav>
  );
}

function Footer() {
  const { t } = usePage();
  return (
    <footer>
      <p>{t.footer.line}</p>
      <p>
        <a href="/docs">{t.footer.api}</a> · <a href="/openapi.json">{t.footer.openapi}</a>
      </p>
    </footer>
  );
}
