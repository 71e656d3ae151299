// A client for the HTTP API: checks parameters, builds addresses, fetches, and returns pinned addresses. Its types are
// generated from the OpenAPI document, so it has no dependency.

import type { BodyId, DocumentId, Documents, FileId, PictureId, Queries } from "../build/client-types.ts";
import { writeAddress } from "../shared/address.ts";
import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import { findRefusal, OPERATIONS } from "./check-values.ts";
import { type ProblemBody, ProblemError } from "./problem-error.ts";

export { ProblemError } from "./problem-error.ts";

export type OperationId = keyof Queries;
/** An operation's parameters. */
export type Query<Id extends OperationId> = Queries[Id];
/** An operation's JSON response. */
export type Document<Id extends DocumentId> = Documents[Id];

export interface File {
  /** PNG, APNG, SVG or JSON, as requested; or a release's file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** name@version that drew it, or whose file it is. */
  readonly model: string;
}

export interface Picture extends File {
  /** The seed that was given or drawn; undefined where the route has no `seed`. */
  readonly seed: string | undefined;
  /** Address that always returns these bytes. */
  readonly pinnedUrl: string;
}

export interface ClientOptions {
  /** Instead of the global fetch. */
  readonly fetch?: (url: string, init?: RequestInit) => Promise<Response>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** The parameters may be omitted if none are required; a PNG, where one is needed, comes first. */
type Arguments<Id extends OperationId> = Id extends BodyId
  ? [png: Blob | Uint8Array<ArrayBuffer>, query?: Query<Id>, options?: CallOptions]
  : Record<string, never> extends Query<Id>
    ? [query?: Query<Id>, options?: CallOptions]
    : [query: Query<Id>, options?: CallOptions];

type UrlArguments<Id extends OperationId> =
  Record<string, never> extends Query<Id> ? [query?: Query<Id>] : [query: Query<Id>];

export type Client = {
  readonly [Id in PictureId]: (...args: Arguments<Id>) => Promise<Picture>;
} & {
  readonly [Id in FileId]: (...args: Arguments<Id>) => Promise<File>;
} & {
  readonly [Id in DocumentId]: (...args: Arguments<Id>) => Promise<Document<Id>>;
} & {
  readonly [Id in OperationId as `${Id}Url`]: (...args: UrlArguments<Id>) => string;
} & {
  /** A model at its stable version, as name@version: with a seed it makes an address pinned. */
  readonly pinModel: (name?: string) => Promise<string>;
};

const INVALID_PARAMETER = { type: "/problems/invalid-parameter", title: "Invalid parameter", status: 400 };

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Methods throw a ProblemError without a request for parameters that the service would refuse.
 * @param address  of the service, such as https://digits.example or https://example.com/digits
 * @throws TypeError if it is not a URL
 */
export function createClient(address: string, { fetch = globalThis.fetch }: ClientOptions = {}): Client {
  const { origin, pathname } = new URL(address);
  const base = origin + pathname.replace(/\/+$/, "");
  const methods: Record<string, unknown> = {};
  for (const [id, { method, path, kind }] of Object.entries(OPERATIONS)) {
    const urlOf = (values: Values = {}) => {
      const refusal = findRefusal(id, values);
      if (refusal) throw new ProblemError({ ...INVALID_PARAMETER, ...refusal }, base, null);
      const { picture = isPinned(values) ? CURRENT_FORMAT : undefined } = values;
      return new URL(base + addressOf(path, kind === "picture" ? { ...values, picture } : values)).href;
    };
    methods[`${id}Url`] = urlOf;
    methods[id] = async (...args: unknown[]) => {
      const body = method === "POST" ? (args.shift() as BodyInit) : undefined;
      const [values = {}, { signal } = {}] = args as [Values?, CallOptions?];
      const url = urlOf(values);
      const response = await fetch(url, {
        method,
        ...(body && { body, headers: { "Content-Type": "image/png" } }),
        ...(signal && { signal }),
      });
      if (!response.ok) throw await failureOf(response, url, base);
      if (kind === "document") return response.json();
      if (kind === "file") return readFile(response);
      // An address too long for a header is built here.
      const pin = (model: string) => (isPinned(values) ? url : urlOf({ ...values, model }));
      return readPicture(response, base, values, pin);
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

function isPinned({ model }: Values): boolean {
  return String(model).includes("@");
}

function addressOf(path: string, values: Values): string {
  const query = { ...values };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    delete query[name];
    return encodeURIComponent(String(values[name]));
  });
  return writeAddress(filled, query);
}

/** @param pin  the address with a model's version */
async function readPicture(
  response: Response,
  base: string,
  { seed }: Values,
  pin: (model: string) => string,
): Promise<Picture> {
  const { headers } = response;
  const canonical = headers.get("Link")?.match(/<([^>]+)>; rel="canonical"/)?.[1];
  const file = await readFile(response);
  return {
    ...file,
    seed: headers.get("X-Seed") ?? (seed === undefined ? undefined : String(seed)),
    pinnedUrl: canonical ? new URL(base + canonical).href : pin(file.model),
  };
}

async function readFile(response: Response): Promise<File> {
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    contentType: response.headers.get("Content-Type") ?? "",
    model: response.headers.get("X-Model") ?? "",
  };
}

async function failureOf(response: Response, url: string, base: string): Promise<Error> {
  const { headers, status } = response;
  if (headers.get("Content-Type") !== "application/problem+json") {
    return new Error(`${url} answered ${status} without an explanation`);
  }
  return new ProblemError((await response.json()) as ProblemBody, base, headers.get("Retry-After"));
}
