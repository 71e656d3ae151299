// What surrounds every request: an id, the client's limit, and one line of log. Nothing of the line is about a person:
// no address, no seed, no query.

import { findPattern, patternsOf } from "./addresses.ts";
import { countRequest, failingOpen, type RateLimit } from "./api/client-limit.ts";
import { problemResponse } from "./api/problems.ts";
import type { createApp } from "./app.ts";

export interface Surroundings {
  /** Off where the binding is missing. */
  readonly limiter: RateLimit | undefined;
  /** The operator's secret; without it nobody purges. */
  readonly purgeToken?: string | undefined;
  /** Milliseconds. Deployed, clocks stand still while the Worker computes: the log's time is that of waiting. */
  readonly now: () => number;
  /** Takes one line of JSON. */
  readonly log: (line: string) => void;
}

/** The Worker's fetch handler. */
export function serve(
  app: ReturnType<typeof createApp>,
  { limiter, purgeToken, now, log }: Surroundings,
): (request: Request, env: unknown, context?: ExecutionContext) => Promise<Response> {
  const patterns = patternsOf(app.routes);
  const count = failingOpen(limiter);

  return async (request, _env, context) => {
    const start = now();
    const requestId = idOf(request);
    const response = await answer(request, requestId, context);
    response.headers.set("X-Request-Id", requestId);
    const [model, version] = response.headers.get("X-Model")?.split("@") ?? [];
    log(
      JSON.stringify({
        message: "request",
        requestId,
        method: request.method,
        route: findPattern(patterns, pathOf(request.url))?.path ?? "none",
        model,
        version,
        status: response.status,
        milliseconds: Math.max(0, now() - start),
      }),
    );
    return response;
  };

  async function answer(request: Request, requestId: string, context?: ExecutionContext): Promise<Response> {
    try {
      await countRequest(count, request);
    } catch (error) {
      return problemResponse(error as Error, requestId);
    }
    return app.fetch(request, { requestId, purgeToken, log }, context);
  }
}

/** A platform's id, or one of our own: what else a client sends as one is not repeated. */
function idOf({ headers }: Request): string {
  const ray = headers.get("cf-ray");
  return ray !== null && /^[\w-]{8,64}$/.test(ray) ? ray : crypto.randomUUID();
}

function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  return url.slice(start, query < 0 ? undefined : query);
}
