// A picture's address as it stands in other people's programs and pages.

import { pictureAddress, sampleAddress } from "./addresses.ts";
import type { Choices } from "./choices.ts";

/** A name from those characters of a seed that every file system takes. */
export function fileName(seed: string): string {
  const letters = seed
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  // Nothing is left of a seed like "🙂".
  const codes = () => Array.from(seed.slice(0, 8), (character) => character.codePointAt(0)!.toString(16));
  return `digit-${letters || codes().join("-")}`;
}

/** @param alt  what the picture shows */
export function writeSnippet(choices: Choices, origin: string, alt: string): string {
  const url = origin + sampleAddress(choices);
  const picture = origin + pictureAddress(choices);
  const { snippet, format, size, seed } = choices;
  switch (snippet) {
    case "address":
      return url;
    case "img":
      return `<img src="${escapeHtml(picture)}" width="${size}" height="${size}" alt="${escapeHtml(alt)}">`;
    case "markdown":
      return `![${alt.replace(/[[\]\\]/g, "\\$&")}](${picture.replaceAll("(", "%28").replaceAll(")", "%29")})`;
    case "react":
      return `<img src={${JSON.stringify(picture)}} width={${size}} height={${size}} alt={${JSON.stringify(alt)}} />`;
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
      const isNumber = ["size", "digit", "temperature", "guidance", "slant", "weight", "picture"].includes(
        name,
      );
      return `  ${name}: ${isNumber ? value : JSON.stringify(value)},`;
    })
    .join("\n");
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
