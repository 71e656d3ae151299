// Composes the routes over a model store, and maps failures to problem details.

import { Hono } from "hono";
import { OPEN_TO_ALL } from "./cors.ts";
import type { ModelStore } from "./model-store.ts";
import { MethodNotAllowedError, NotFoundError, problemResponse } from "./problems.ts";
import { decode } from "./routes/decode.ts";
import { grid } from "./routes/grid.ts";
import { health } from "./routes/health.ts";
import { interpolate } from "./routes/interpolate.ts";
import { manifold } from "./routes/manifold.ts";
import { models } from "./routes/models.ts";
import { number } from "./routes/number.ts";
import { sample } from "./routes/sample.ts";

/** What a browser that asks first may do: read, from anywhere, and not ask again for a day. */
const PREFLIGHT = {
  ...OPEN_TO_ALL,
  "Access-Control-Allow-Methods": "GET, HEAD",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Max-Age": "86400",
};

export function createApp(store: ModelStore): Hono {
  const app = new Hono();
  app.options("*", () => new Response(null, { status: 204, headers: PREFLIGHT }));
  const routes = [sample, interpolate, grid, number, manifold, decode, models, health];
  for (const route of routes) app.route("/", route(store));
  const paths = new Set(app.routes.map(({ path }) => path).filter((path) => !path.includes("*")));

  app.notFound((c) => {
    const isKnown = [...paths].some((path) => matches(path, c.req.path));
    const message = isKnown
      ? `${c.req.method} is not allowed on ${c.req.path}; GET and HEAD are`
      : `nothing at ${c.req.path}; the addresses are ${[...paths].join(", ")}`;
    return problemResponse(isKnown ? new MethodNotAllowedError(message) : new NotFoundError(message));
  });

  app.onError(problemResponse);
  return app;
}

/** Whether a path is one of a route's, whose ":name" stands for anything between two slashes. */
function matches(route: string, path: string): boolean {
  const [expected, found] = [route.split("/"), path.split("/")];
  return (
    expected.length === found.length &&
    expected.every((part, i) => (part.startsWith(":") ? found[i] !== "" : part === found[i]))
  );
}
