// GET /models/:name/:version/:file: a release's own files, so that a tfjs client anywhere loads it from here.

import * as v from "valibot";
import type { ModelStore } from "../models/model-store.ts";
import { pinnedName } from "../models/reference.ts";
import { fileName, modelName, NoQuery, versionName } from "./parameters.ts";
import { parsePath, parseQuery } from "./query.ts";
import { CONTENT_TYPES, cacheControlOf, matchesEtag, notModified, tagsOf, typeHeaders } from "./reply.ts";
import type { App } from "./route.ts";

export const FilePath = v.strictObject({ name: modelName, version: versionName, file: fileName });

export const releaseFiles = (app: App, store: ModelStore) =>
  app.get("/models/:name/:version/:file", async (c) => {
    const { name, version, file: fileName } = parsePath(FilePath, c.req.param(), c.req.url);
    parseQuery(NoQuery, c.req.url);
    const model = await store.pin({ name, version });
    const file = await store.release.file(model, fileName);
    const etag = `"${file.sha256}"`;
    const headers = {
      ...typeHeaders(contentTypeOf(fileName), cacheControlOf(model)),
      "Cache-Tag": tagsOf(model),
      "X-Model": pinnedName(model),
      ETag: etag,
    };
    if (matchesEtag(c.req.raw.headers.get("If-None-Match"), etag)) return notModified(headers);
    const body = c.req.raw.method === "HEAD" ? null : await file.read();
    return new Response(body, { headers: { ...headers, "Content-Length": String(file.byteLength) } });
  });

function contentTypeOf(fileName: string): string {
  const ending = fileName.slice(fileName.lastIndexOf(".") + 1);
  return ending === "json" || ending === "png" ? CONTENT_TYPES[ending] : CONTENT_TYPES.bin;
}
