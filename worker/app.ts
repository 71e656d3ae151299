// Composes the routes over a model store, and maps failures to problem details.

import { Hono } from "hono";
import { EdgeDigitsError } from "../shared/errors.ts";
import { allowedMethods, patternsOf } from "./addresses.ts";
import { decode } from "./api/decode.ts";
import { encode } from "./api/encode.ts";
import { grid } from "./api/grid.ts";
import { OPEN_TO_ALL } from "./api/headers.ts";
import { health } from "./api/health.ts";
import { interpolate } from "./api/interpolate.ts";
import { manifold } from "./api/manifold.ts";
import { models } from "./api/models.ts";
import { number } from "./api/number.ts";
import { MethodNotAllowedError, noRoute, problemResponse, quote } from "./api/problems.ts";
import { purge } from "./api/purge.ts";
import { reconstruct } from "./api/reconstruct.ts";
import { releaseFiles } from "./api/release-files.ts";
import { sample } from "./api/sample.ts";
import type { ModelStore } from "./models/model-store.ts";

export interface AppEnv {
  Bindings: {
    /** By which replies and log lines of one request find each other. */
    readonly requestId?: string;
    /** The operator's secret; without it nobody purges. */
    readonly purgeToken?: string | undefined;
    /** Takes one line of JSON. */
    readonly log?: (line: string) => void;
  };
}

/** Nobody gets it; the log tells it from what the service answered. As nginx has it. */
const CLIENT_CLOSED_REQUEST = 499;

/** What a browser that asks first may do, from anywhere, without asking again for a day. */
const PREFLIGHT = {
  ...OPEN_TO_ALL,
  "Access-Control-Allow-Headers": "Content-Type, *",
  "Access-Control-Max-Age": "86400",
};

export function createApp(store: ModelStore): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const drawing = [sample, interpolate, grid, number, manifold, decode].map(({ route }) => route);
  for (const route of [...drawing, encode, reconstruct, models, releaseFiles, health]) {
    app.route("/", route(store));
  }
  // Of these alone do Allow and preflight answers speak: the operator's address is not there for anybody else.
  const patterns = patternsOf(app.routes);
  app.route("/", purge());

  app.options("*", (c) => {
    const methods = allowedMethods(patterns, c.req.path);
    if (!methods) throw noRoute(c.req.path);
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
      ? new MethodNotAllowedError(
          allowed,
          `${method} is not allowed on ${quote(path)}; allowed: ${allowed.join(", ")}`,
        )
      : noRoute(path);
    return problemResponse(error, c.env?.requestId);
  });

  app.onError((error, c) => {
    if (isHangUp(error, c.req.raw)) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    return problemResponse(error, c.env?.requestId, c.req.path === "/health");
  });
  return app;
}

/** The client went away while its body was read: workerd says so in words only. The bucket's failures have classes. */
function isHangUp(error: Error, request: Request): boolean {
  const isOurs = error instanceof EdgeDigitsError;
  return request.bodyUsed && !isOurs && /^Network connection lost|client disconnected/i.test(error.message);
}
