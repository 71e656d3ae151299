// Composes the routes over a model store, and maps failures to problem details.

import { Hono } from "hono";
import { allowedMethods, type Pattern, patternsOf } from "./addresses.ts";
import { OPEN_TO_ALL } from "./cors.ts";
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

export interface AppEnv {
  Bindings: {
    /** By which replies and log lines of one request find each other. */
    readonly requestId?: string;
  };
}

/** What a browser that asks first may do, from anywhere, without asking again for a day. */
const PREFLIGHT = {
  ...OPEN_TO_ALL,
  "Access-Control-Allow-Headers": "Content-Type, *",
  "Access-Control-Max-Age": "86400",
};

export function createApp(store: ModelStore): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const drawing = [sample, interpolate, grid, number, manifold, decode];
  for (const route of [...drawing, encode, reconstruct, models, releaseFiles, health]) {
    app.route("/", route(store));
  }
  const patterns = patternsOf(app.routes);

  app.options("*", (c) => {
    const methods = allowedMethods(patterns, c.req.path);
    if (!methods) throw nothingAt(c.req.path, patterns);
    const allowed = methods.join(", ");
    return new Response(null, {
      status: 204,
      headers: { ...PREFLIGHT, Allow: allowed, "Access-Control-Allow-Methods": allowed },
    });
  });

  app.notFound((c) => {
    const { method, path } = c.req;
    const allowed = allowedMethods(patterns, path);
    const error = allowed
      ? new MethodNotAllowedError(allowed, `${method} is not allowed on ${path}; ${allowed.join(", ")} are`)
      : nothingAt(path, patterns);
    return problemResponse(error, c.env?.requestId);
  });

  app.onError((error, c) => problemResponse(error, c.env?.requestId, c.req.path === "/health"));
  return app;
}

function nothingAt(path: string, patterns: readonly Pattern[]): NotFoundError {
  const addresses = patterns.map((pattern) => pattern.path).join(", ");
  return new NotFoundError(`nothing at ${path}; the addresses are ${addresses}, and /docs explains them`);
}
