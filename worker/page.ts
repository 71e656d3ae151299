// GET / and the page in other languages: the built HTML with the word of its address in it, so that no other word flashes up
// before scripts run, links show a preview of their own digit, and the page without scripts shows what its sender saw.

import type { Context } from "hono";
import { accepts } from "hono/accepts";
import * as v from "valibot";
import { writeAddress } from "../shared/address.ts";
import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import type { App } from "./api/route.ts";
import { SampleQuery } from "./api/sample.ts";

/** Gives the built HTML. */
export type ReadPage = (request: Request) => Promise<Response>;

/** Addresses of the page. */
export const PAGES = ["/", "/pt-br"];

/** What decides about a picture, by the names that the page's address has. */
const CHOICES = {
  seed: "seed",
  digit: "digit",
  model: "model",
  temperature: "temperature",
  guidance: "guidance",
  slant: "slant",
  weight: "weight",
  ink: "fg",
  ground: "bg",
} as const;

/** @param origin  where it is not that of requests, as behind a proxy */
export const page = (app: App, read: ReadPage, origin?: string) => {
  for (const path of PAGES) {
    app.get(path, async (c) => {
      const built = await read(c.req.raw);
      const isWhole = built.status === 200 && c.req.method !== "HEAD";
      const url = new URL(c.req.url);
      const body = isWhole ? fillIn(await built.text(), url, origin ?? url.origin) : built.body;
      // A copy, whose headers can be set.
      const reply = new Response(body, built);
      reply.headers.delete("Content-Length");
      return reply;
    });
  }
};

/** Whether a person's browser asks, which would rather show a page than JSON. */
export function prefersHtml(c: Context): boolean {
  const supports = ["application/problem+json", "application/json", "text/html"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/html";
}

/** The page for an address that nothing serves. */
export async function notFoundPage(read: ReadPage, request: Request): Promise<Response> {
  const address = new URL("/not-found", request.url);
  const method = request.method === "HEAD" ? "HEAD" : "GET";
  const { body, headers } = await read(new Request(address, { method }));
  const reply = new Response(body, { status: 404, headers });
  reply.headers.set("Cache-Control", "no-store");
  reply.headers.set("Vary", "Accept");
  reply.headers.delete("ETag");
  reply.headers.delete("Allow");
  return reply;
}

/**
 * @param html  names the word that it was built with as data-word
 * @param origin  public one, for previews
 */
export function fillIn(html: string, { searchParams }: URL, origin: string): string {
  const chosen = Object.entries(CHOICES).flatMap(([name, parameter]) => {
    const value = searchParams.get(name);
    const isValid = value !== null && v.safeParse(SampleQuery.entries[parameter], value).success;
    return isValid && !value.includes("\ufffd") ? [[parameter, value] as const] : [];
  });
  const built = /data-word="([^"]+)"/.exec(html)![1]!;
  const { seed = built, ...settings } = Object.fromEntries(chosen);
  // A pinned address without the format's number means the first format.
  const picture = settings.model?.includes("@") ? String(CURRENT_FORMAT) : undefined;
  // Settings that the link has chosen are to be seen, from the first moment on.
  const isSet = chosen.some(([parameter]) => parameter !== "seed" && parameter !== "digit");
  /** Of the built word, or of one made from it. */
  const rewrite = (whole: string, address: string) => {
    const query = Object.fromEntries(new URLSearchParams(address.split("?")[1]!.replaceAll("&amp;", "&")));
    const rest = query.seed?.startsWith(built) ? query.seed.slice(built.length) : undefined;
    if (rest === undefined || !/^(\/\d+)?$/.test(rest)) return whole;
    const own = { ...query, ...settings, ...(picture && { picture }), seed: seed + rest };
    return `"${escapeHtml(writeAddress("/sample", own))}"`;
  };
  // In one pass, since the new word may contain the built one.
  const places = new RegExp(
    `"(/sample\\?[^"]*)"|seed=${built}(?=[&"])|${built}/|“${built}”|value="${built}"`,
    "g",
  );
  return (
    html
      .replace("<details>", isSet ? "<details open>" : "<details>")
      .replace(places, (whole, address?: string) => {
        if (address !== undefined) return rewrite(whole, address);
        const text = whole.startsWith("seed=") ? encodeURIComponent(seed) : seed;
        return whole.replace(built, () => escapeHtml(text));
      })
      // Previews need whole addresses.
      .replaceAll('content="/', () => `content="${escapeHtml(origin)}/`)
  );
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
