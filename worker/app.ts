// The app on top of a model store: what every request gets (an id, a line of log, headers for cross-origin use, the client's
// limit), the routes, and failures as problem details.

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import { EdgeDigitsError } from "../shared/errors.ts";
import { createBudget } from "./api/budget.ts";
import { createClientLimit, isHeavy, RATE_LIMIT_POLICY, type RateLimit } from "./api/client-limit.ts";
import { dataset } from "./api/dataset.ts";
import { decode } from "./api/decode.ts";
import { encode } from "./api/encode.ts";
import { grid } from "./api/grid.ts";
import { health } from "./api/health.ts";
import { interpolate } from "./api/interpolate.ts";
import { manifold } from "./api/manifold.ts";
import { models } from "./api/models.ts";
import { number } from "./api/number.ts";
import { MethodNotAllowedError, noRoute, problemResponse, quote } from "./api/problems.ts";
import { purge } from "./api/purge.ts";
import { reconstruct } from "./api/reconstruct.ts";
import { releaseFiles } from "./api/release-files.ts";
import type { App, AppEnv } from "./api/route.ts";
import { sample } from "./api/sample.ts";
import type { ModelStore } from "./models/model-store.ts";
import { notFoundPage, page, prefersHtml, type ReadPage } from "./page.ts";

interface AppOptions {
  readonly limiter?: RateLimit | undefined;
  /** Of uploads and sheets, in addition. */
  readonly heavyLimiter?: RateLimit | undefined;
  /** What one request may cost, see api/cost.ts; without it, anything. */
  readonly budget?: number | undefined;
  /** The HTML of the page, and of unknown addresses; without it there is none. */
  readonly readPage?: ReadPage | undefined;
  /** The public scheme and host, where requests do not tell them. */
  readonly origin?: string | undefined;
  /** The operator's secret; without it purging is off. */
  readonly purgeToken?: string | undefined;
  /** Milliseconds. Deployed clocks do not advance while the Worker computes, so the log shows waiting time only. */
  readonly now?: () => number;
  /** Takes one line of JSON. */
  readonly log?: (line: string) => void;
}

/** Never received; the log shows that the client disconnected, as in nginx. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Every reply may be read from every origin, and shown in pages of every origin. hono/cors would answer the preflight of an
 * address that does not exist, and hono/secure-headers would have to be switched off header by header.
 */
const OPEN_TO_ALL = Object.entries({
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers":
    "Content-Range, ETag, Link, RateLimit-Policy, Retry-After, X-Model, X-Request-Id, X-Seed",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
});

export function createApp(
  store: ModelStore,
  {
    limiter,
    heavyLimiter,
    budget: most = Number.POSITIVE_INFINITY,
    readPage,
    origin,
    purgeToken,
    now = Date.now,
    log = () => {},
  }: AppOptions = {},
): App {
  const app = new Hono<AppEnv>();
  const countRequest = createClientLimit(limiter);
  const countHeavy = createClientLimit(heavyLimiter);
  const budget = createBudget(most);
  app.use(logRequest(now, log));
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of OPEN_TO_ALL) c.res.headers.set(name, value);
    if (limiter) c.res.headers.set("RateLimit-Policy", RATE_LIMIT_POLICY);
  });
  app.use(
    methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => answerMethod(c, [...methods, "OPTIONS"]) }),
  );
  app.use(async (c, next) => {
    await countRequest(c.req.raw);
    if (isHeavy(c.req.method, c.req.path)) await countHeavy(c.req.raw);
    await next();
  });

  const drawing = [sample, interpolate, grid, number, manifold, decode].map(({ route }) => route);
  for (const route of [...drawing, encode, reconstruct, models, releaseFiles, dataset, health]) {
    route(app, store, budget);
  }
  purge(app, purgeToken, log);
  if (readPage) page(app, readPage, origin);

  app.notFound(async (c) => {
    const isBrowser = readPage && prefersHtml(c);
    return isBrowser
      ? notFoundPage(readPage, c.req.raw)
      : problemResponse(noRoute(c.req.path), c.get("requestId"));
  });
  app.onError((error, c) => {
    if (isHangUp(error, c.req.raw)) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    return problemResponse(error, c.get("requestId"), c.req.path === "/health");
  });
  return app;
}

/** Names the request, and logs one line about it: nothing personal, so no address, seed or query. */
function logRequest(now: () => number, log: (line: string) => void): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const start = now();
    const requestId = idOf(c.req.raw);
    c.set("requestId", requestId);
    await next();
    c.res.headers.set("X-Request-Id", requestId);
    const [model, version] = c.res.headers.get("X-Model")?.split("@") ?? [];
    const route = routePath(c, -1);
    log(
      JSON.stringify({
        message: "request",
        requestId,
        method: c.req.method,
        route: route.endsWith("*") ? "none" : route,
        model,
        version,
        status: c.res.status,
        milliseconds: Math.max(0, now() - start),
      }),
    );
  };
}

/** The platform's id, or one of our own: anything else that a client sends as an id is not repeated. */
function idOf({ headers }: Request): string {
  const ray = headers.get("cf-ray");
  return ray !== null && /^[\w-]{8,64}$/.test(ray) ? ray : crypto.randomUUID();
}

/** Responds to a request whose address exists for other methods: a browser's preflight, or a method that is not allowed. */
function answerMethod(c: Context<AppEnv>, methods: readonly string[]): Response {
  const allowed = methods.join(", ");
  const { method, path } = c.req;
  if (method !== "OPTIONS") {
    const detail = `${method} is not allowed on ${quote(path)}; allowed: ${allowed}`;
    return problemResponse(new MethodNotAllowedError(methods, detail), c.get("requestId"));
  }
  return new Response(null, {
    status: 204,
    headers: {
      Allow: allowed,
      "Access-Control-Allow-Methods": allowed,
      "Access-Control-Allow-Headers": "Content-Type, *",
      "Access-Control-Max-Age": "86400",
    },
  });
}

/**
 * The client disconnected while its body was read, which workerd and Node report only as text. The bucket's failures have
 * classes.
 */
function isHangUp(error: Error, request: Request): boolean {
  const isOurs = error instanceof EdgeDigitsError;
  return (
    request.bodyUsed &&
    !isOurs &&
    /^Network connection lost|client disconnected|^aborted$/i.test(error.message)
  );
}
