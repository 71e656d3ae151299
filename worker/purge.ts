// POST /purge: the operator forgets what the platform's cache keeps. Only the Worker itself can, and only of its own
// cache. Without PURGE_TOKEN, or without the right one, the address is not there.

import { NO_STORE, replyJson } from "./reply.ts";

export interface PurgeableCache {
  readonly purge: (what: {
    readonly tags?: string[];
    readonly purgeEverything?: boolean;
  }) => Promise<{ readonly success: boolean }>;
}

/**
 * @param token  the secret PURGE_TOKEN
 * @param cache  of the request's context; undefined where no cache is in front
 * @returns undefined where the request is no purge, or not an authorized one
 */
export async function purge(
  request: Request,
  token: string | undefined,
  cache: PurgeableCache | undefined,
): Promise<Response | undefined> {
  const url = new URL(request.url);
  if (url.pathname !== "/purge" || !token) return undefined;
  if (!(await isSame(request.headers.get("Authorization") ?? "", `Bearer ${token}`))) return undefined;
  const tags = url.searchParams.getAll("tag");
  const purged = tags.length > 0 ? tags : "everything";
  if (!cache)
    return replyJson({ success: false, purged, reason: "no cache is in front of this Worker" }, NO_STORE);
  const { success } = await cache.purge(tags.length > 0 ? { tags } : { purgeEverything: true });
  return replyJson({ success, purged }, NO_STORE);
}

/** Takes as long for every wrong text. */
async function isSame(found: string, expected: string): Promise<boolean> {
  const digest = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const [one, other] = await Promise.all([digest(found), digest(expected)]);
  return crypto.subtle.timingSafeEqual(one, other);
}
