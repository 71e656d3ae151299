// The picture's address, ready to be used elsewhere.

import { sampleAddress } from "./bench.tsx";
import { type Choices, SNIPPETS, type Snippet } from "./choices.ts";
import { CopyButton } from "./parts/copy.tsx";
import { Segments } from "./parts/segments.tsx";
import { usePage } from "./state.ts";

export function Snippets() {
  const { state, t, choose } = usePage();
  const { choices, origin } = state;
  const { seed, digit, format, snippet } = choices;
  const address = sampleAddress(choices);
  const text = writeSnippet(snippet, choices, origin, t.bench.picture(seed, digit));
  return (
    <section id="take" aria-labelledby="take-title">
      <div class="section-head">
        <h2 id="take-title">{t.snippets.title}</h2>
        <p class="lede">{t.snippets.lede}</p>
      </div>
      <div class="snippets">
        <fieldset class="plain" disabled={!state.isAlive}>
          <Segments
            legend={t.snippets.kind}
            isLegendHidden
            options={SNIPPETS.map((value) => ({ value, label: t.snippets.kinds[value] }))}
            value={snippet}
            onChoose={(value) => choose({ snippet: value })}
          />
        </fieldset>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, by keyboard too */}
        <pre tabIndex={0} id="snippet">
          <code>{text}</code>
        </pre>
        <div class="actions">
          {state.isAlive && <CopyButton text={text} />}
          <a class="button" href={address} download={`${fileName(seed)}.${format}`}>
            {t.bench.download}
          </a>
        </div>
      </div>
    </section>
  );
}

/** What of a seed can stand in a file's name everywhere. */
export function fileName(seed: string): string {
  return `digit-${seed.replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 48)}`;
}

function writeSnippet(kind: Snippet, choices: Choices, origin: string, alt: string): string {
  const url = `${origin}${sampleAddress(choices)}`;
  const { format, size, seed } = choices;
  switch (kind) {
    case "address":
      return url;
    case "img": {
      const shown = `${origin}${sampleAddress(choices, format === "json" ? "png" : format)}`;
      return `<img src="${escapeHtml(shown)}" width="${size}" height="${size}" alt="${escapeHtml(alt)}">`;
    }
    case "curl":
      return `curl -o ${fileName(seed)}.${format} '${url.replaceAll("'", "%27")}'`;
    case "fetch":
      return `const reply = await fetch(${JSON.stringify(url)});\nconst picture = await reply.${format === "json" ? "json" : "blob"}();`;
    case "client":
      return `import { createClient } from "edge-digits/client";

const digits = createClient(${JSON.stringify(origin)});
const { bytes, pinnedUrl } = await digits.sample(${writeQuery(url)});`;
  }
}

/** The parameters of an address as an object of TypeScript, numbers as numbers. */
function writeQuery(url: string): string {
  const entries = [...new URLSearchParams(url.slice(url.indexOf("?")))].map(([name, value]) => {
    const isNumber = ["size", "digit", "temperature"].includes(name);
    return `  ${name}: ${isNumber ? value : JSON.stringify(value)},`;
  });
  return `{\n${entries.join("\n")}\n}`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
