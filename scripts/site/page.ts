// The static pages: the OpenAPI document for people, and one page per type of problem. All is there without scripts; one fills
// in the server's own origin, and shows what the forms are answered.

import { html, raw } from "hono/html";
import type {
  DescribedOperation,
  DescribedParameter,
  DescribedReply,
  Description,
} from "../../worker/docs/openapi.ts";
import { PROBLEM_TYPES } from "../../worker/docs/problem-types.ts";
import { tryForm } from "./try-form.ts";

/** HTML that is escaped. */
type Html = ReturnType<typeof html>;

/** The page at /docs. */
export function docsPage({ info, paths }: Pick<Description, "info" | "paths">): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return page(
    `${info.title}: the API`,
    html`<div class="lead">
<h1>${info.title}: the API</h1>
<figure class="start"><a href="/sample?seed=moon&amp;size=140"><img src="/sample?seed=moon&amp;size=140" alt="The digit of “moon”" width="140" height="140"></a>
<figcaption>An address is a picture:<br><code>&lt;img src="https://digits.example/sample?seed=moon"&gt;</code></figcaption></figure>
${prose(info.description)}
</div>
<nav class="routes" aria-label="Routes"><ul>
${operations.map(({ path, operation }) => html`<li><a href="#${operation.operationId}"><span class="summary">${operation.summary}</span> <code>${path}</code></a></li>\n`)}
<li><a href="#client">TypeScript</a></li>
<li><a href="#problems">Problems</a></li>
<li><a href="/openapi.json">OpenAPI ${info.version}</a></li>
</ul></nav>
<main>
${operations.map(({ path, method, operation }) => operationSection(path, method, operation))}
${CLIENT_SECTION}
${problemsSection()}
</main>`,
    "/docs.js",
  );
}

/** The page at /problems/<type>. */
export function problemPage({
  type,
  title,
  status,
  meaning,
  remedy,
}: (typeof PROBLEM_TYPES)[number]): string {
  return page(
    title,
    html`<div class="lead">
<p><a href="/docs#problems">All problems</a></p>
<h1>${title}</h1>
<p><span class="status">${status}</span> <code>/problems/${type}</code></p>
</div>
<main><section>
<h2>What it means</h2>
<p>${inline(meaning)}</p>
<h2>What to do</h2>
<p>${inline(remedy)}</p>
</section></main>`,
  );
}

/** What browsers get at an address that nothing serves. Its addresses are absolute: it may stand anywhere. */
export function notFoundPage(): string {
  const number = (ink: string) => `/number/404?bg=transparent&fg=${ink}&format=svg&seed=nothing&size=140`;
  return page(
    "There is nothing here",
    html`<div class="lead">
<picture><source srcset="${number("ecebe7")}" media="(prefers-color-scheme: dark)"><img src="${number("1a1b1e")}" alt="404" height="140"></picture>
<h1>There is nothing at this address</h1>
<p>It may be mistyped, or from another time. <a href="/">Type a word and meet its digit</a>, or see <a href="/docs">what the API has</a>.</p>
<p lang="pt-BR">Não há nada neste endereço. <a href="/pt-br">Digite uma palavra e conheça o seu dígito.</a></p>
</div>`,
  );
}

function page(title: string, body: Html, script?: string): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/sample?seed=42&amp;format=svg&amp;size=32">
<link rel="stylesheet" href="/docs.css">
${script && html`<script type="module" src="${script}"></script>`}
</head>
<body>
<header class="top"><a class="name" href="/">Edge Digits</a> <nav aria-label="Pages"><ul><li><a href="/">The page</a></li><li><a href="/docs">The API</a></li></ul></nav></header>
${body}
</body>
</html>
`);
}

function operationSection(path: string, method: string, operation: DescribedOperation): Html {
  const { operationId: id, summary, description, parameters, responses } = operation;
  return html`<section id="${id}">
<h2><a href="#${id}">${summary}</a></h2>
<p class="route"><span class="method">${method}</span> <code>${path}</code></p>
${prose(description)}
${operation.requestBody ? uploadExamples(operation) : drawnExamples(operation)}
${tryForm(path, method, operation)}
${parameters && html`<h3>Parameters</h3>\n<dl>\n${parameters.map((parameter) => parameterEntry(id, parameter))}</dl>`}
<h3>Replies</h3>
<table>
<thead><tr><th>status</th><th>what</th><th>as</th></tr></thead>
<tbody>
${Object.entries(responses).flatMap(([status, response]) => replyRows(status, response))}</tbody></table>
</section>
`;
}

/** A row per media type; for failures, a row with their problem types. */
function replyRows(status: string, { description, content }: DescribedReply): Html[] {
  const row = (what: unknown, mediaType?: string) =>
    html`<tr><td><span class="status">${status}</span></td><td>${what}</td><td>${mediaType && html`<code>${mediaType}</code>`}</td></tr>\n`;
  if (!content) return [row(inline(description))];
  return Object.entries(content).map(([mediaType, { schema, "x-description": own = description }]) => {
    const types = JSON.stringify(schema ?? {}).match(/\/problems\/[\w-]+/g);
    const links = types?.map((type) => html`<a href="${type}">${type.replace("/problems/", "")}</a>`);
    return row(links ? separated(links, ", ") : inline(own), mediaType);
  });
}

function drawnExamples({ "x-examples": examples, responses }: DescribedOperation): Html {
  const draws = Object.keys(responses[200]?.content ?? {}).some((mediaType) =>
    mediaType.startsWith("image/"),
  );
  const figures = examples.map(({ address, caption }) => {
    const isPicture = draws && !address.includes("format=json") && !address.endsWith(".json");
    const picture =
      isPicture &&
      html`<img src="${address}" alt="${caption}" height="${heightOf(address)}" loading="lazy" decoding="async">`;
    // The address may wrap before a parameter.
    const parts = address.split(/(?=[?&])/).map((part, i) => html`${i > 0 && raw("<wbr>")}${part}`);
    return html`<figure${isWide(address) && raw(` class="wide"`)}>${picture}<figcaption>${caption}<br><a href="${address}"><code>${parts}</code></a></figcaption></figure>\n`;
  });
  return html`<div class="examples">\n${figures}</div>`;
}

/** Side of the pictures that are published with a model, pixels. */
const PREVIEW_SIDE = 224;

/** Of an example's picture, pixels: with it nothing moves as pictures load. */
function heightOf(address: string): number {
  const { pathname, searchParams } = new URL(address, "https://any.invalid");
  if (pathname.endsWith("/preview.png")) return PREVIEW_SIDE;
  // A grid has a row for each class that it names.
  const { size, rows = 1, digits = "", cells = 1 } = Object.fromEntries(searchParams);
  return Number(size) * Math.max(Number(rows), digits.length, Number(cells));
}

const isWide = (address: string) => /^\/(interpolate|number|grid|manifold)/.test(address);

/** A picture is sent from a shell; one drawn by this service will do to try it. */
function uploadExamples({ "x-examples": examples, requestBody }: DescribedOperation): Html {
  const mediaType = Object.keys(requestBody!.content).join(" or ");
  const commands = examples.map(
    ({ address, caption }) =>
      `# ${caption}\ncurl --data-binary @digit.png -H "Content-Type: ${mediaType}" "https://digits.example${address}"`,
  );
  return html`<h3>Body</h3>
<p><code>${mediaType}</code> ${inline(requestBody!.description)}</p>
<pre tabindex="0"><code>${["# a digit to try it with", UPLOAD_SAMPLE, ...commands].join("\n")}</code></pre>`;
}

function parameterEntry(
  operation: string,
  { name, in: place, description, required, schema }: DescribedParameter,
): Html {
  const id = `${operation}-${name}`;
  const facts = [
    place === "path" ? "part of the path" : required && "required",
    range(schema),
    schema.default !== undefined && html`default ${code(schema.default)}`,
  ].filter(Boolean);
  const { examples } = schema as { examples?: readonly unknown[] };
  return html`<dt id="${id}"><a href="#${id}"><code>${name}</code></a> <span>${separated(facts, "; ")}</span></dt>
<dd>${inline(description)}${examples && html` <span>Such as ${separated(examples.map(code), ", ")}.</span>`}</dd>\n`;
}

/** The form of a value, unless its description says it. */
function range(schema: DescribedParameter["schema"]): unknown {
  const { enum: choices, minimum, maximum, minLength = 0, maxLength, type } = schema;
  if (type === "boolean") return separated([true, false].map(code), ", ");
  if (choices) return separated((choices as string[]).map(code), ", ");
  if (minimum !== undefined) {
    return `${type === "integer" ? "whole number" : "number"}, ${minimum} to ${maximum}`;
  }
  return maxLength !== undefined && `text of ${minLength} to ${maxLength} characters`;
}

const UPLOAD_SAMPLE = `curl -o digit.png "https://digits.example/sample?seed=42&digit=7&size=140"`;

const CLIENT_SECTION = html`<section id="client">
<h2><a href="#client">TypeScript</a></h2>
<p>The package has a client of a few hundred lines without dependencies, whose types come from the same schemas.</p>
<pre tabindex="0"><code>import { createClient } from "edge-digits/client";

const digits = createClient("https://digits.example");
const { bytes, seed, pinnedUrl } = await digits.sample({ digit: 7, size: 280 });
const { mu } = await digits.encode(bytes);
image.src = digits.sampleUrl({ seed: "ada", model: "cnn", format: "svg" });</code></pre>
</section>`;

function problemsSection(): Html {
  const rows = PROBLEM_TYPES.map(
    ({ type, title, status, meaning, remedy }) =>
      html`<tr id="${type}"><td><span class="status">${status}</span></td><td><a href="/problems/${type}"><code>${type}</code></a><br>${title}</td><td>${inline(meaning)} ${inline(remedy)}</td></tr>\n`,
  );
  return html`<section id="problems">
<h2><a href="#problems">Problems</a></h2>
<p>Every failure is <code>application/problem+json</code> (RFC 9457). Its <code>type</code> is the address of one of these pages; <code>requestId</code> names the request in the server's log.</p>
<table>
<thead><tr><th>status</th><th>type</th><th>what it means, and what to do</th></tr></thead>
<tbody>
${rows}</tbody></table>
</section>`;
}

/** Paragraphs with **strong** and \`code\`: all that the document's descriptions use of Markdown. */
function prose(text: string): Html[] {
  return text.split("\n\n").map((paragraph) => html`<p>${inline(paragraph)}</p>\n`);
}

function inline(text: string): Html[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return code(part.slice(1, -1));
    return part.startsWith("**") ? html`<strong>${inline(part.slice(2, -2))}</strong>` : html`${part}`;
  });
}

const code = (value: unknown) => html`<code>${String(value)}</code>`;

const separated = (parts: readonly unknown[], separator: string) =>
  parts.flatMap((part, i) => (i > 0 ? [separator, part] : [part]));
