// GET /models/:name/:version/:file: a release's own files, so that a tfjs client anywhere loads it from here.

import { Hono } from "hono";
import { OPEN_TO_ALL } from "../cors.ts";
import type { ModelStore } from "../model-store.ts";
import { NoQuery, parseQuery } from "../params.ts";
import { isFresh, PINNED } from "../reply.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  png: "image/png",
};
const BYTES = "application/octet-stream";

export const releaseFiles = (store: ModelStore) =>
  new Hono().get("/models/:name/:version/:file", async (c) => {
    parseQuery(NoQuery, c.req.url);
    const { name, version, file: fileName } = c.req.param();
    const model = await store.resolve({ name, version });
    const file = await store.release.file(model, fileName);
    const etag = `"${file.sha256}"`;
    const headers = {
      ...OPEN_TO_ALL,
      "Cache-Control": PINNED,
      "X-Model": `${name}@${version}`,
      "X-Content-Type-Options": "nosniff",
      ETag: etag,
    };
    if (isFresh(c.req.raw.headers.get("If-None-Match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    const content = {
      ...headers,
      "Content-Type": CONTENT_TYPES[fileName.split(".").at(-1)!] ?? BYTES,
      "Content-Length": String(file.byteLength),
    };
    return new Response(c.req.raw.method === "HEAD" ? null : await file.read(), { headers: content });
  });
