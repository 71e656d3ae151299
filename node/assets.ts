// The static assets of the build, as the platform serves them beside the Worker: pages without ".html" in their addresses,
// to which other spellings lead, and the headers and redirects of the files _headers and _redirects.

import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { etagOf, matchesEtag, notModified } from "../worker/api/reply.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

interface Rule {
  readonly path: string;
  /** Undefined where earlier rules' header is removed. */
  readonly headers: readonly (readonly [string, string | undefined])[];
}

/** @returns the reply to a request; undefined if no asset has the address */
export async function openAssets(folder: string): Promise<(request: Request) => Response | undefined> {
  const rules = parseHeaders(await readFile(join(folder, "_headers"), "utf8"));
  const redirects = new Map(
    (await readFile(join(folder, "_redirects"), "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ") as [string, string, string])
      .map(([from, to, status]) => [from, { to, status: Number(status) }] as const),
  );
  const files = new Map<
    string,
    { readonly body: Uint8Array<ArrayBuffer>; readonly headers: Record<string, string> }
  >();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith("_")) continue;
    const file = join(entry.parentPath, entry.name);
    const body = new Uint8Array(await readFile(file));
    const path = addressOf(`/${relative(folder, file).split(sep).join("/")}`);
    const headers = {
      "Cache-Control": "public, max-age=0, must-revalidate",
      ...headersOf(path, rules),
      "Content-Type": TYPES[extname(file)]!,
      ETag: etagOf(Buffer.from(body).toString("base64")),
    };
    files.set(path, { body, headers });
  }
  return ({ method, url, headers }) => {
    const { pathname, search } = new URL(url);
    const redirect = redirects.get(pathname);
    if (redirect) return new Response(null, { status: redirect.status, headers: { Location: redirect.to } });
    const found = files.get(pathname);
    if (!found) {
      const page = addressOf(pathname).replace(/(?<=.)\/$/, "");
      const isPage = files.get(page)?.headers["Content-Type"] === TYPES[".html"];
      return isPage ? new Response(null, { status: 307, headers: { Location: page + search } }) : undefined;
    }
    if (method !== "GET" && method !== "HEAD") {
      const headers = { Allow: "GET, HEAD", "Access-Control-Allow-Origin": "*" };
      return new Response(null, { status: 405, headers });
    }
    if (matchesEtag(headers.get("If-None-Match"), found.headers.ETag!)) return notModified(found.headers);
    return new Response(method === "HEAD" ? null : found.body, { headers: found.headers });
  };
}

/** /docs.html is /docs, and /index.html is /. */
function addressOf(path: string): string {
  return path.replace(/(index)?\.html$/, "");
}

/** Rules in order: a path with * at its end, then indented "Name: value", or "! Name" to remove an earlier one. */
function parseHeaders(text: string): Rule[] {
  return text
    .split(/\n(?=\S)/)
    .map((block) => block.trim().split(/\n\s*/) as [string, ...string[]])
    .map(([path, ...lines]) => ({
      path,
      headers: lines.map((line) => {
        if (line.startsWith("! ")) return [line.slice(2), undefined] as const;
        const [name, ...rest] = line.split(": ") as [string, ...string[]];
        return [name, rest.join(": ")] as const;
      }),
    }));
}

function headersOf(path: string, rules: readonly Rule[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const rule of rules) {
    const isPrefix = rule.path.endsWith("*");
    if (isPrefix ? !path.startsWith(rule.path.slice(0, -1)) : path !== rule.path) continue;
    for (const [name, value] of rule.headers) {
      if (value === undefined) found.delete(name);
      else found.set(name, value);
    }
  }
  return Object.fromEntries(found);
}
