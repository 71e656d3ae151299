// The static pages: the OpenAPI document for people, and one page per type of problem. No script, nothing foreign.

import type { Operation } from "../../worker/docs/operation.ts";
import { PROBLEM_DOCS, PROBLEM_TYPES } from "../../worker/docs/problem-types.ts";

/** What the reader shows of an OpenAPI document. */
export interface Reference {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

interface DescribedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: { readonly description: string; readonly content: object };
  readonly responses: Readonly<Record<string, DescribedReply>>;
  readonly "x-examples": Operation["examples"];
}

interface Problem {
  readonly properties: { readonly type: { readonly enum: readonly string[] } };
}

interface DescribedReply {
  readonly description: string;
  readonly content?: Readonly<
    Record<
      string,
      {
        readonly "x-description"?: string;
        /** Of a failure: a problem, and which of them. */
        readonly schema?: { readonly allOf?: readonly [unknown, Problem] };
      }
    >
  >;
}

interface DescribedParameter {
  readonly name: string;
  readonly in: string;
  readonly description: string;
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** The page at /docs. */
export function docsPage({ info, paths }: Reference): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const entries = operations.map(
    ({ path, operation }) =>
      `<li><a href="#${operation.operationId}"><code>${escapeHtml(path)}</code></a></li>`,
  );
  return page(
    `${info.title}: the API`,
    `<header>
<h1>${escapeHtml(info.title)}</h1>
${prose(info.description)}
</header>
<nav aria-label="Routes"><ul>
${entries.join("\n")}
<li><a href="#client">TypeScript</a></li>
<li><a href="#problems">Problems</a></li>
<li><a href="/openapi.json">OpenAPI ${escapeHtml(info.version)}</a></li>
</ul></nav>
<main>
${operations.map(operationSection).join("\n")}
${CLIENT_SECTION}
${problemsSection()}
</main>`,
  );
}

/** The page at /problems/<type>. */
export function problemPage({ type, title, status }: (typeof PROBLEM_TYPES)[number]): string {
  const { meaning, remedy } = PROBLEM_DOCS[type];
  return page(
    title,
    `<header>
<p><a href="/docs#problems">Edge Digits: problems</a></p>
<h1>${escapeHtml(title)}</h1>
<p><span class="status">${status}</span> <code>/problems/${type}</code></p>
</header>
<main><section>
<h2>What it means</h2>
<p>${inline(meaning)}</p>
<h2>What to do</h2>
<p>${inline(remedy)}</p>
</section></main>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/sample?seed=42&amp;format=svg&amp;size=32">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
${body}
</body>
</html>
`;
}

function operationSection({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: DescribedOperation;
}): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return `<section id="${operationId}">
<h2><a href="#${operationId}">${escapeHtml(summary)}</a></h2>
<p class="route"><span class="method">${method}</span> <code>${escapeHtml(path)}</code></p>
${prose(description)}
${requestBody ? uploadExamples(operation["x-examples"], requestBody) : examplesList(operation["x-examples"], Object.keys(responses[200]?.content ?? {}))}
${parameters ? `<h3>Parameters</h3>\n<dl>\n${parameters.map(parameterEntry).join("\n")}\n</dl>` : ""}
<h3>Replies</h3>
<table>
<thead><tr><th>status</th><th>what</th><th>as</th></tr></thead>
<tbody>
${Object.entries(responses)
  .flatMap(([status, response]) => replyRows(status, response))
  .join("\n")}
</tbody></table>
</section>`;
}

/** A row per media type; of failures, a row with the types they may be of. */
function replyRows(status: string, { description, content }: DescribedReply): string[] {
  const row = (what: string, mediaType = "") =>
    `<tr><td><span class="status">${status}</span></td><td>${what}</td><td>${mediaType && `<code>${mediaType}</code>`}</td></tr>`;
  if (!content) return [row(inline(description))];
  return Object.entries(content).map(([mediaType, { schema, "x-description": own }]) => {
    const types = (schema?.allOf?.[1].properties.type.enum ?? []).map(
      (type) => `<a href="${type}">${type.replace("/problems/", "")}</a>`,
    );
    return row(types.length > 0 ? types.join(", ") : inline(own ?? description), mediaType);
  });
}

function examplesList(examples: Operation["examples"], mediaTypes: readonly string[]): string {
  const draws = mediaTypes.some((mediaType) => mediaType.startsWith("image/"));
  const figures = examples.map(({ address, caption }) => {
    const link = `<a href="${escapeHtml(address)}"><code>${breakable(address)}</code></a>`;
    const isPicture = draws && !address.includes("format=json") && !address.endsWith(".json");
    const picture = isPicture
      ? `<img src="${escapeHtml(address)}" alt="${escapeHtml(caption)}" loading="lazy" decoding="async">`
      : "";
    return `<figure>${picture}<figcaption>${escapeHtml(caption)}<br>${link}</figcaption></figure>`;
  });
  return `<div class="examples">\n${figures.join("\n")}\n</div>`;
}

/** A picture is sent from a shell; one that this service draws does for a try. */
function uploadExamples(
  examples: Operation["examples"],
  { description, content }: NonNullable<DescribedOperation["requestBody"]>,
): string {
  const mediaType = Object.keys(content).join(" or ");
  const commands = examples.map(
    ({ address, caption }) =>
      `# ${caption}\ncurl --data-binary @digit.png -H "Content-Type: ${mediaType}" "https://digits.example${address}"`,
  );
  return `<h3>Body</h3>
<p><code>${mediaType}</code> ${inline(description)}</p>
<pre><code>${escapeHtml(["# a digit to try it with", UPLOAD_SAMPLE, ...commands].join("\n"))}</code></pre>`;
}

function parameterEntry({ name, in: place, description, required, schema }: DescribedParameter): string {
  const facts = [
    place === "path" ? "part of the path" : required ? "required" : "",
    range(schema),
    schema.default === undefined ? "" : `default <code>${escapeHtml(String(schema.default))}</code>`,
  ].filter((fact) => fact !== "");
  const examples = ((schema.examples ?? []) as unknown[]).map(
    (value) => `<code>${escapeHtml(String(value))}</code>`,
  );
  return `<dt><code>${name}</code> <span>${facts.join("; ")}</span></dt>
<dd>${inline(description)}${examples.length > 0 ? ` <span>Such as ${examples.join(", ")}.</span>` : ""}</dd>`;
}

function range(schema: DescribedParameter["schema"]): string {
  const { enum: choices, minimum, maximum, minLength, maxLength, type } = schema;
  if (choices) return (choices as string[]).map((choice) => `<code>${choice}</code>`).join(", ");
  if (type === "boolean") return "<code>true</code>, <code>false</code>";
  if (minimum !== undefined) {
    return `${type === "integer" ? "whole number" : "number"}, ${minimum} to ${maximum}`;
  }
  if (maxLength !== undefined) return `text of ${minLength ?? 0} to ${maxLength} characters`;
  // What else it has to look like is in its description.
  return "";
}

const UPLOAD_SAMPLE = `curl -o digit.png "https://digits.example/sample?seed=42&digit=7&size=140"`;

const CLIENT_SECTION = `<section id="client">
<h2><a href="#client">TypeScript</a></h2>
<p>The package has a client of a few hundred lines without dependencies, whose types come from the same schemas.</p>
<pre><code>import { createClient } from "edge-digits/client";

const digits = createClient("https://digits.example");
const { bytes, seed, pinnedUrl } = await digits.sample({ digit: 7, size: 280 });
const { mu } = await digits.encode(bytes);
image.src = digits.sampleUrl({ seed: "ada", model: "cnn", format: "svg" });</code></pre>
</section>`;

function problemsSection(): string {
  const rows = PROBLEM_TYPES.map(
    ({ type, title, status }) =>
      `<tr id="${type}"><td><span class="status">${status}</span></td><td><a href="/problems/${type}"><code>${type}</code></a><br>${escapeHtml(title)}</td><td>${inline(PROBLEM_DOCS[type].meaning)} ${inline(PROBLEM_DOCS[type].remedy)}</td></tr>`,
  );
  return `<section id="problems">
<h2><a href="#problems">Problems</a></h2>
<p>Every failure is <code>application/problem+json</code> (RFC 9457). Its <code>type</code> is the address of one of these pages; <code>requestId</code> names the request in the server's log.</p>
<table>
<thead><tr><th>status</th><th>type</th><th>what it means, and what to do</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>
</section>`;
}

/** Paragraphs with **strong** and \`code\`: all that the document's descriptions use of Markdown. */
function prose(text: string): string {
  return text
    .split("\n\n")
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join("\n");
}

function inline(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");
}

/** An address that may be broken where a new parameter begins. */
function breakable(address: string): string {
  return escapeHtml(address).replace(/(\?|&amp;)/g, "<wbr>$1");
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
