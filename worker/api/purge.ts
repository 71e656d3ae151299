// POST /purge: the operator purges the platform's cache. Only the Worker itself can, and only its own. Without
// PURGE_TOKEN, or with another token, the address answers 404; the OpenAPI document does not list it.

import type { CacheContext, ExecutionContext } from "@cloudflare/workers-types";
import type { Context } from "hono";
import { timingSafeEqual } from "hono/utils/buffer";
import * as v from "valibot";
import { NoCacheError, noRoute, PurgeRefusedError } from "./problems.ts";
import { parseQuery } from "./query.ts";
import { NO_STORE, replyJson } from "./reply.ts";
import type { App } from "./route.ts";

/** Tags of the replies to purge, see tagsOf; may be repeated. Without one everything is purged. */
const PurgeQuery = v.strictObject({
  tag: v.optional(
    v.array(
      v.pipe(
        v.string(),
        v.regex(/^[a-z][a-z0-9-]{0,31}(@[0-9a-f]{12})?$/, "expected a model, a model@version, or catalog"),
      ),
    ),
  ),
});

/**
 * Handles every method, so that no Allow header reveals the route.
 * @param log  takes one line of JSON
 */
export const purge = (app: App, purgeToken: string | undefined, log: (line: string) => void) =>
  app.all("/purge", async (c) => {
    if (c.req.method !== "POST" || !(await isAuthorized(c, purgeToken))) throw noRoute("/purge");
    const { tag: tags } = parseQuery(PurgeQuery, c.req.url).query;
    const purged = tags ?? "everything";
    const cache = cacheOf(c);
    if (!cache) throw new NoCacheError("no cache is in front of this Worker");
    const { success, errors } = await cache
      .purge(tags ? { tags } : { purgeEverything: true })
      .catch((error: Error) => ({ success: false, errors: [{ code: 0, message: error.message }] }));
    log(JSON.stringify({ message: "purge", requestId: c.get("requestId"), purged, success, errors }));
    if (!success)
      throw new PurgeRefusedError(errors.map(({ message }) => message).join("; ") || "no reason given");
    return replyJson({ purged }, NO_STORE);
  });

/** Undefined if no cache is in front, or outside the platform. */
function cacheOf(c: Context): CacheContext | undefined {
  try {
    return (c.executionCtx as unknown as ExecutionContext).cache;
  } catch {
    return undefined;
  }
}

/** RFC 6750, 2.1; the scheme is case-insensitive (RFC 9110, 11.1). */
async function isAuthorized({ req }: Context, expected: string | undefined): Promise<boolean> {
  const [, token] = /^bearer +(\S+) *$/i.exec(req.header("Authorization") ?? "") ?? [];
  return !!expected && token !== undefined && timingSafeEqual(token, expected);
}
