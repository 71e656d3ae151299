// Composes the routes over a model store, and maps failures to problem details.

import { Hono } from "hono";
import { OPEN_TO_ALL } from "./cors.ts";
import { allowedMethods } from "./methods.ts";
import type { ModelStore } from "./model-store.ts";
import { MethodNotAllowedError, NotFoundError, problemResponse } from "./problems.ts";
import { decode } from "./routes/decode.ts";
import { encode } from "./routes/encode.ts";
import { grid } from "./routes/grid.ts";
import { health } from "./routes/health.ts";
import { interpolate } from "./routes/interpolate.ts";
import { manifold } from "./routes/manifold.ts";
import { models } from "./routes/models.ts";
import { number } from "./routes/number.ts";
import { reconstruct } from "./routes/reconstruct.ts";
import { releaseFiles } from "./routes/release-files.ts";
import { sample } from "./routes/sample.ts";

/** What a browser that asks first may do, from anywhere, and not ask again for a day. */
const PREFLIGHT = {
  ...OPEN_TO_ALL,
  "Access-Control-Allow-Methods": "GET, HEAD, POST",
  "Access-Control-Allow-Headers": "Content-Type, *",
  "Access-Control-Max-Age": "86400",
};

export function createApp(store: ModelStore): Hono {
  const app = new Hono();
  app.options("*", () => new Response(null, { status: 204, headers: PREFLIGHT }));
  const drawing = [sample, interpolate, grid, number, manifold, decode];
  for (const route of [...drawing, encode, reconstruct, models, releaseFiles, health]) {
    app.route("/", route(store));
  }
  const addresses = app.routes.filter(({ path }) => !path.includes("*"));

  app.notFound((c) => {
    const { method, path } = c.req;
    const allowed = allowedMethods(addresses, path);
    if (allowed.length > 0) {
      const message = `${method} is not allowed on ${path}; ${allowed.join(", ")} are`;
      return problemResponse(new MethodNotAllowedError(allowed, message));
    }
    const known = [...new Set(addresses.map((address) => address.path))].join(", ");
    return problemResponse(new NotFoundError(`nothing at ${path}; the addresses are ${known}`));
  });

  app.onError(problemResponse);
  return app;
}
