// How a request is answered: what may be cached and for how long, types, ETags, and JSON documents.

import { murmur3 } from "../../shared/arithmetic/random.ts";
import { pinnedName, type ResolvedModel } from "../models/reference.ts";

/** By the `format` that asks for them or the ending of a file. */
export const CONTENT_TYPES = {
  png: "image/png",
  apng: "image/apng",
  svg: "image/svg+xml",
  json: "application/json",
  bin: "application/octet-stream",
} as const;

export const PINNED = "public, max-age=31536000, immutable";
/** For a minute, while a newer reply is fetched for ten more, and for as long where there is none but an error. */
export const MOVING = "public, max-age=60, stale-while-revalidate=600, stale-if-error=600";
/** Pinned, while it cannot be known whether the version was withdrawn. */
export const UNCONFIRMED = "public, max-age=60, stale-if-error=600";
export const NO_STORE = "no-store";

/** An SVG opened as a page of its own draws, and does nothing else. */
const SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** What a reply holds: pixels, or text. */
export type Body = Uint8Array<ArrayBuffer> | string;

/** How long what a version decides may be kept. */
export function cacheControlOf({ isPinned, isCurrent }: ResolvedModel): string {
  return isPinned ? (isCurrent ? PINNED : UNCONFIRMED) : MOVING;
}

/** Answers with the result of an upload, which is never cached. */
export function replyToUpload(body: Body, contentType: string, model: ResolvedModel): Response {
  const headers = { "X-Model": pinnedName(model) };
  return new Response(body, { headers: { ...headers, ...typeHeaders(contentType, NO_STORE) } });
}

/** Cache tags, by which the replies of a model are purged. */
export function tagsOf(model: ResolvedModel): string {
  return `${model.name},${pinnedName(model)}`;
}

/**
 * Answers with a JSON document that `cacheControl` says how long to keep.
 * @param request  where given, the reply has an ETag, and is 304 when the client has the document
 * @param tag  by which a kept document is purged
 */
export function replyJson(
  document: unknown,
  cacheControl: string,
  request?: Request,
  tag?: string,
): Response {
  const body = JSON.stringify(document);
  const headers: Record<string, string> = { "Cache-Control": cacheControl };
  if (tag !== undefined) headers["Cache-Tag"] = tag;
  if (request) {
    headers.ETag = etagOf(body);
    if (matchesEtag(request.headers.get("If-None-Match"), headers.ETag)) {
      return notModified(headers);
    }
  }
  headers["Content-Type"] = CONTENT_TYPES.json;
  return new Response(body, { headers });
}

/** RFC 9110, 13.1.2: any listed tag, compared weakly, or *. */
export function matchesEtag(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
}

/** RFC 9110, 15.4.5: the headers of the reply that the client has, but for those of its body. */
export function notModified({ "Content-Type": _, ...headers }: Readonly<Record<string, string>>): Response {
  return new Response(null, { status: 304, headers });
}

export function etagOf(text: string): string {
  const words = murmur3(new TextEncoder().encode(text));
  return `"${words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("")}"`;
}

/** Type and lifetime of a body. What is kept is promised to the byte: nobody on the way may compress its pixels again. */
export function typeHeaders(contentType: string, cacheControl: string): Record<string, string> {
  const isKept = cacheControl !== NO_STORE;
  const isPixels = contentType === CONTENT_TYPES.png || contentType === CONTENT_TYPES.apng;
  const isSvg = contentType === CONTENT_TYPES.svg;
  return {
    "Content-Type": contentType,
    "Cache-Control": isKept && isPixels ? `${cacheControl}, no-transform` : cacheControl,
    ...(isSvg && { "Content-Security-Policy": SVG_POLICY }),
  };
}
