// The picture's address, ready to be used elsewhere.

import { pictureAddress, sampleAddress } from "./addresses.ts";
import { type Choices, SNIPPETS } from "./choices.ts";
import { CopyButton, Segments } from "./parts/controls.tsx";
import { Section } from "./parts/section.tsx";
import { usePage } from "./state.ts";

export function TakeSection() {
  const { t, isAlive, origin, choices, choose } = usePage();
  const { seed, digit, format, snippet } = choices;
  const text = writeSnippet(choices, origin, t.bench.picture(seed, digit));
  return (
    <Section id="take" lede={t.take.lede}>
      <div class="snippets">
        <fieldset class="plain" disabled={!isAlive}>
          <Segments
            legend={t.take.kind}
            isLegendHidden
            options={SNIPPETS.map((value) => ({ value, label: t.take.kinds[value] }))}
            value={snippet}
            onChoose={(value) => choose({ snippet: value })}
          />
        </fieldset>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, by keyboard too */}
        <pre tabIndex={0} id="snippet">
          <code>{text}</code>
        </pre>
        <div class="actions">
          {isAlive && <CopyButton text={text} />}
          <a class="button" href={sampleAddress(choices)} download={`${fileName(seed)}.${format}`}>
            {t.bench.download}
          </a>
        </div>
      </div>
    </Section>
  );
}

/** A name from those characters of the seed that every file system takes. */
function fileName(seed: string): string {
  return `digit-${seed.replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 48)}`;
}

function writeSnippet(choices: Choices, origin: string, alt: string): string {
  const url = origin + sampleAddress(choices);
  const { snippet, format, size, seed } = choices;
  switch (snippet) {
    case "address":
      return url;
    case "img": {
      const src = escapeHtml(origin + pictureAddress(choices));
      return `<img src="${src}" width="${size}" height="${size}" alt="${escapeHtml(alt)}">`;
    }
    case "curl":
      return `curl -o ${fileName(seed)}.${format} '${url.replaceAll("'", "%27")}'`;
    case "fetch":
      return `const reply = await fetch(${JSON.stringify(url)});
const picture = await reply.${format === "json" ? "json" : "blob"}();`;
    case "client":
      return `import { createClient } from "edge-digits/client";

const digits = createClient(${JSON.stringify(origin)});
const { bytes, pinnedUrl } = await digits.sample({
${writeProperties(url)}
});`;
  }
}

/** The parameters of an address as properties in TypeScript, numbers as numbers. */
function writeProperties(url: string): string {
  return [...new URL(url, "https://any.invalid").searchParams]
    .map(([name, value]) => {
      const isNumber = ["size", "digit", "temperature", "guidance", "slant", "weight"].includes(name);
      return `  ${name}: ${isNumber ? value : JSON.stringify(value)},`;
    })
    .join("\n");
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
