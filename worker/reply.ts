// How a request is answered: what may be cached and for how long, its ETag, and its pinned address. A picture is a
// function of (version, scheme, image encoder, parameters), so the ETag is known before anything is decoded.

import { IMAGE_ENCODER_VERSION } from "../shared/image/version.ts";
import { SCHEME } from "../shared/latent.ts";
import { murmur3 } from "../shared/random.ts";
import { OPEN_TO_ALL } from "./cors.ts";
import type { ResolvedModel } from "./model-store.ts";

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
  const pinned = `${model.name}@${model.version}`;
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
  if (isRandom || !model.isPinned) headers.Link = `<${address}>; rel="canonical"`;
  if (!isRandom && isFresh(request.headers.get("If-None-Match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers["Content-Type"] = contentType;
  return new Response(await picture.body(), { headers });
}

/** Answers with a JSON document that `cacheControl` says how long to keep. */
export function replyJson(document: unknown, cacheControl: string): Response {
  return new Response(JSON.stringify(document), {
    headers: { ...OPEN_TO_ALL, "Content-Type": "application/json", "Cache-Control": cacheControl },
  });
}

/** RFC 9110, 13.1.2: any listed tag, compared weakly, or *. */
export function isFresh(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
}

function hash(text: string): string {
  const words = murmur3(new TextEncoder().encode(text));
  return words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
