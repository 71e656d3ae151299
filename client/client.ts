// A client for the HTTP API: builds addresses, fetches, and tells what pins a picture. Its types come from the schemas
// that validate on the server, by imports of types alone, so it has no dependency.

import { type ProblemBody, ProblemError } from "./problem-error.ts";
import type { BodyId, Document, DocumentId, OperationId, PictureId, Query, Routes } from "./types.ts";

export { ProblemError } from "./problem-error.ts";
export type { Document, OperationId, Query } from "./types.ts";

export interface Picture {
  /** PNG, APNG, SVG or JSON, as asked for. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** name@version that drew it. */
  readonly model: string;
  /** The seed that was given or drawn; undefined where the route has no `seed`. */
  readonly seed: string | undefined;
  /** Gives these bytes for ever. */
  readonly pinnedUrl: string;
}

export interface ClientOptions {
  /** Instead of the global fetch. */
  readonly fetch?: (url: string, init?: RequestInit) => Promise<Response>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Parameters may be left out altogether where none is required. */
type Arguments<Id extends OperationId> = Id extends BodyId
  ? [query: Query<Id>, body: Blob | Uint8Array<ArrayBuffer>, options?: CallOptions]
  : Record<string, never> extends Query<Id>
    ? [query?: Query<Id>, options?: CallOptions]
    : [query: Query<Id>, options?: CallOptions];

type UrlArguments<Id extends OperationId> =
  Record<string, never> extends Query<Id> ? [query?: Query<Id>] : [query: Query<Id>];

export type Client = {
  readonly [Id in PictureId]: (...args: Arguments<Id>) => Promise<Picture>;
} & {
  readonly [Id in DocumentId]: (...args: Arguments<Id>) => Promise<Document<Id>>;
} & {
  readonly [Id in OperationId as `${Id}Url`]: (...args: UrlArguments<Id>) => string;
} & {
  /** A model at its stable version, as name@version: with a seed it makes an address pinned. */
  readonly pinModel: (name?: string) => Promise<string>;
};

const ROUTES: Routes = {
  sample: { method: "GET", path: "/sample", gives: "picture" },
  interpolate: { method: "GET", path: "/interpolate", gives: "picture" },
  grid: { method: "GET", path: "/grid", gives: "picture" },
  number: { method: "GET", path: "/number/:digits", gives: "picture" },
  manifold: { method: "GET", path: "/manifold", gives: "picture" },
  decode: { method: "GET", path: "/decode", gives: "picture" },
  models: { method: "GET", path: "/models", gives: "document" },
  health: { method: "GET", path: "/health", gives: "document" },
};

interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly gives: "picture" | "document";
}

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * @param origin  of the service, such as https://digits.example
 */
export function createClient(origin: string, { fetch = globalThis.fetch }: ClientOptions = {}): Client {
  const methods: Record<string, unknown> = {};
  for (const [id, { method, path, gives }] of Object.entries<Route>(ROUTES)) {
    const urlOf = (values: Values = {}) => new URL(addressOf(path, values), origin).href;
    methods[`${id}Url`] = urlOf;
    methods[id] = async (values: Values = {}, ...rest: unknown[]) => {
      const body = method === "POST" ? (rest.shift() as BodyInit) : undefined;
      const { signal } = (rest[0] ?? {}) as CallOptions;
      const url = urlOf(values);
      const response = await fetch(url, {
        method,
        ...(body && { body, headers: { "Content-Type": "image/png" } }),
        ...(signal && { signal }),
      });
      if (!response.ok) throw await failureOf(response, url);
      return gives === "picture" ? readPicture(response, url, values) : response.json();
    };
  }
  methods.pinModel = async (name?: string) => {
    const { models } = await (methods as unknown as Client).models();
    const model = models.find((item) => (name === undefined ? item.isDefault : item.name === name));
    if (!model) throw new Error(`no model "${name}"; the models are ${models.map((m) => m.name).join(", ")}`);
    return `${model.name}@${model.stable}`;
  };
  return methods as Client;
}

/** Parameters in the order of their names, so that one request has one address, and one place in a cache. */
function addressOf(path: string, values: Values): string {
  const parts = new Set<string>();
  const filled = path.replace(/:(\w+)(\{.*?\})?/g, (_, name: string) => {
    parts.add(name);
    return encodeURIComponent(String(values[name]));
  });
  const query = Object.entries(values)
    .filter(([name, value]) => value !== undefined && !parts.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return query.length > 0 ? `${filled}?${query.join("&")}` : filled;
}

async function readPicture(response: Response, url: string, { seed }: Values): Promise<Picture> {
  const { headers } = response;
  const canonical = headers.get("Link")?.match(/<([^>]+)>; rel="canonical"/)?.[1];
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    contentType: headers.get("Content-Type") ?? "",
    model: headers.get("X-Model") ?? "",
    seed: headers.get("X-Seed") ?? (seed === undefined ? undefined : String(seed)),
    pinnedUrl: canonical ? new URL(canonical, url).href : url,
  };
}

async function failureOf(response: Response, url: string): Promise<Error> {
  const { headers, status } = response;
  if (headers.get("Content-Type") !== "application/problem+json") {
    return new Error(`${url} answered ${status} without an explanation`);
  }
  return new ProblemError((await response.json()) as ProblemBody, url, headers.get("Retry-After"));
}
