// How a request is answered: what may be cached and for how long, its ETag, and its pinned address. A picture is a
// function of (version, scheme, image encoder, parameters), so the ETag is known before anything is decoded.

import { IMAGE_ENCODER_VERSION } from "../shared/image/version.ts";
import { SCHEME } from "../shared/latent.ts";
import { murmur3 } from "../shared/random.ts";
import { CONTENT_TYPES } from "./content-types.ts";
import { OPEN_TO_ALL, SVG_POLICY } from "./cors.ts";
import { pinnedName, type ResolvedModel } from "./model-store.ts";

export const PINNED = "public, max-age=31536000, immutable";
export const MOVING = "public, max-age=60, stale-while-revalidate=600";
export const NO_STORE = "no-store";

export interface Picture {
  readonly request: Request;
  /** Route, such as "/sample". */
  readonly path: string;
  readonly model: ResolvedModel;
  /** What decides the picture beside the model, see canonicalParameters. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The seed, where it was drawn for this request. */
  readonly randomSeed?: string | undefined;
  readonly contentType: string;
  readonly body: () => Promise<Uint8Array | string>;
}

/** Answers with the picture, or with 304 when the client has it. */
export async function replyPicture(picture: Picture): Promise<Response> {
  const { request, path, model, parameters, randomSeed, contentType } = picture;
  const isRandom = randomSeed !== undefined;
  const pinned = pinnedName(model);
  const query = [...parameters, ["model", pinned] as const]
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  const address = `${path}?${query}`;
  const etag = `"${hash([SCHEME, IMAGE_ENCODER_VERSION, address].join(" "))}"`;
  const headers: Record<string, string> = {
    ...OPEN_TO_ALL,
    "Cache-Control": isRandom ? NO_STORE : model.isPinned ? PINNED : MOVING,
    "X-Model": pinned,
    ETag: etag,
  };
  if (isRandom) headers["X-Seed"] = randomSeed;
  else headers["Cache-Tag"] = tagsOf(model);
  if (isRandom || !model.isPinned) headers.Link = `<${address}>; rel="canonical"`;
  if (!isRandom && isFresh(request.headers.get("If-None-Match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(await picture.body(), { headers: { ...headers, ...typeHeaders(contentType) } });
}

/** Answers with what was made of an upload, which nobody keeps. */
export function replyToUpload(
  body: Uint8Array | string,
  contentType: string,
  model: ResolvedModel,
): Response {
  const headers = { ...OPEN_TO_ALL, "Cache-Control": NO_STORE, "X-Model": pinnedName(model) };
  return new Response(body, { headers: { ...headers, ...typeHeaders(contentType) } });
}

/** By which replies of a model are purged. */
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
  const headers: Record<string, string> = { ...OPEN_TO_ALL, "Cache-Control": cacheControl };
  if (tag !== undefined) headers["Cache-Tag"] = tag;
  if (request) {
    headers.ETag = `"${hash(body)}"`;
    if (isFresh(request.headers.get("If-None-Match"), headers.ETag)) {
      return new Response(null, { status: 304, headers });
    }
  }
  headers["Content-Type"] = CONTENT_TYPES.json;
  return new Response(body, { headers });
}

/** RFC 9110, 13.1.2: any listed tag, compared weakly, or *. */
export function isFresh(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
}

function typeHeaders(contentType: string): Record<string, string> {
  const isSvg = contentType === CONTENT_TYPES.svg;
  return { "Content-Type": contentType, ...(isSvg && { "Content-Security-Policy": SVG_POLICY }) };
}

function hash(text: string): string {
  const words = murmur3(new TextEncoder().encode(text));
  return words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
