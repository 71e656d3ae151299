// Replies: media types, cache lifetimes, ETags, and JSON documents.

import { murmur3 } from "../../shared/arithmetic/random.ts";
import { pinnedName, type ResolvedModel } from "../models/reference.ts";

/** Media types by the `format` of a request or the extension of a file. */
export const CONTENT_TYPES = {
  png: "image/png",
  apng: "image/apng",
  svg: "image/svg+xml",
  json: "application/json",
  bin: "application/octet-stream",
} as const;

export const PINNED = "public, max-age=31536000, immutable";
/** Fresh for a minute; then stale for ten more while it is revalidated, or while that fails. */
export const MOVING = "public, max-age=60, stale-while-revalidate=600, stale-if-error=600";
/** Pinned, while the catalog cannot be read: the version may have been withdrawn. */
export const UNCONFIRMED = "public, max-age=60, stale-if-error=600";
export const NO_STORE = "no-store";

/** For an SVG that is opened as a page. */
const SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A reply's body: pixels or text. */
export type Body = Uint8Array<ArrayBuffer> | string;

/** Cache-Control of what depends on nothing but the request and the version. */
export function cacheControlOf({ isPinned, isCurrent }: ResolvedModel): string {
  return isPinned ? (isCurrent ? PINNED : UNCONFIRMED) : MOVING;
}

/** Responds with the result of an upload, which is never cached. */
export function replyToUpload(body: Body, contentType: string, model: ResolvedModel): Response {
  const headers = { "X-Model": pinnedName(model) };
  return new Response(body, { headers: { ...headers, ...typeHeaders(contentType, NO_STORE) } });
}

/** Cache tags by which the replies of a model are purged. */
export function tagsOf(model: ResolvedModel): string {
  return `${model.name},${pinnedName(model)}`;
}

/**
 * Responds with a JSON document.
 * @param request  if given, the reply has an ETag, and is 304 if the client has the document
 * @param tag  cache tag
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

/** RFC 9110, 15.4.5: the headers of the reply that the client has, without those of its body. */
export function notModified({ "Content-Type": _, ...headers }: Readonly<Record<string, string>>): Response {
  return new Response(null, { status: 304, headers });
}

export function etagOf(text: string): string {
  const words = murmur3(text);
  return `"${words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("")}"`;
}

/** Type and lifetime of a body. Proxies may not recompress cached pixels, whose bytes are promised. */
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
