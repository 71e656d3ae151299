// Composes the routes over a model store, opens them to every origin, and maps failures to problem details.

import { Hono } from "hono";
import { cors } from "hono/cors";
import type { ModelStore } from "./model-store.ts";
import { MethodNotAllowedError, NotFoundError, problemResponse } from "./problems.ts";
import { health } from "./routes/health.ts";
import { interpolate } from "./routes/interpolate.ts";
import { models } from "./routes/models.ts";
import { sample } from "./routes/sample.ts";

export function createApp(store: ModelStore): Hono {
  const app = new Hono();
  app.use(
    cors({
      origin: "*",
      allowMethods: ["GET", "HEAD"],
      exposeHeaders: ["ETag", "Link", "X-Model", "X-Seed"],
      maxAge: 86_400,
    }),
  );
  for (const route of [sample, interpolate, models, health]) app.route("/", route(store));
  const paths = new Set(app.routes.map(({ path }) => path).filter((path) => !path.includes("*")));

  app.notFound((c) => {
    const isKnown = paths.has(c.req.path);
    const message = isKnown
      ? `${c.req.method} is not allowed on ${c.req.path}; GET and HEAD are`
      : `nothing at ${c.req.path}; the addresses are ${[...paths].join(", ")}`;
    return problemResponse(isKnown ? new MethodNotAllowedError(message) : new NotFoundError(message));
  });

  app.onError((error, c) => {
    const response = problemResponse(error);
    // Headers that were set before the failure, such as those of CORS, stay.
    c.res.headers.forEach((value, name) => {
      if (!response.headers.has(name)) response.headers.set(name, value);
    });
    return response;
  });
  return app;
}
