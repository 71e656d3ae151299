// The route of an operation that draws: parse, plan, resolve the model, 304, draw, reply. A picture is a function of
// (version, scheme, picture format, parameters), which are its pinned address: so the address and the ETag are known before
// anything is drawn.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { writeAddress } from "../../shared/address.ts";
import { CURRENT_FORMAT, type PictureFormat, UNNUMBERED_FORMAT } from "../../shared/image/picture-format.ts";
import { SCHEME } from "../../shared/latent/gaussian/sample.ts";
import type { CardCheck, LoadedModel, ModelStore } from "../models/model-store.ts";
import { type ModelReference, pinnedName } from "../models/reference.ts";
import { type CardRule, checkDigits } from "./card-rules.ts";
import { CONTENT_TYPES } from "./content-types.ts";
import { canonicalParameters, parsePath, parseQuery, type QuerySchema } from "./query.ts";
import {
  type Body,
  cacheControlOf,
  etagOf,
  matchesEtag,
  NO_STORE,
  notModified,
  tagsOf,
  typeHeaders,
} from "./reply.ts";

/** Standard clients refuse a reply whose headers take more than 8 KB; a longer address is left out of it. */
const MAX_LINK_LENGTH = 4096;

/** What every picture is asked for by, beside its own parameters. */
interface PictureQuery {
  readonly format: keyof typeof CONTENT_TYPES;
  readonly picture?: PictureFormat | undefined;
  readonly model?: ModelReference | undefined;
}
type Parts<Schema> = Schema extends QuerySchema ? InferOutput<Schema> : Readonly<Record<string, never>>;

/** What a checked request asks for, before the model is known. */
export interface PicturePlan {
  readonly query: PictureQuery;
  /** What decides the picture, in the one spelling that its address has; defaults may be among it. */
  readonly canonical: Readonly<Record<string, unknown>>;
  /** Of the first digit; undefined where the route draws from no seed. */
  readonly seed?: string;
  /** The seed was drawn for this request. */
  readonly isRandom?: boolean;
  /** What the model's card says about the request; left out where it has nothing to say. */
  readonly rule?: CardRule | undefined;
  /** Those that are asked for. */
  readonly digits?: readonly number[];
  /**
   * The reply's body.
   * @param name  name@version
   */
  readonly draw: (model: LoadedModel, name: string, picture: PictureFormat) => Body;
}

export interface PictureDefinition<Query extends QuerySchema, Path extends QuerySchema | undefined> {
  /** As Hono has it: /number/:digits. */
  readonly path: string;
  readonly query: Query;
  /** Schema of the parts of the path, where it has some. */
  readonly pathParameters?: Path;
  /**
   * Checks the parameters together.
   * @param given  names of the request's parameters
   * @throws InvalidParameterError naming the parameter at fault
   */
  readonly plan: (query: InferOutput<Query>, given: ReadonlySet<string>, parts: Parts<Path>) => PicturePlan;
}

export interface PictureRoute<Query extends QuerySchema, Path extends QuerySchema | undefined>
  extends PictureDefinition<Query, Path> {
  readonly route: (store: ModelStore) => Hono;
}

/** Makes the route of an operation that draws. */
export function pictureRoute<Query extends QuerySchema, Path extends QuerySchema | undefined = undefined>(
  definition: PictureDefinition<Query, Path>,
): PictureRoute<Query, Path> {
  const { path, query: schema, pathParameters, plan } = definition;
  const route = (store: ModelStore) =>
    new Hono().get(path, (c) => {
      const parts = (pathParameters ? parsePath(pathParameters, c.req.param()) : {}) as Parts<Path>;
      const { query, given } = parseQuery(schema, c.req.url);
      return reply(store, c.req.raw, fillPath(path, parts), schema, plan(query, given, parts));
    });
  return { ...definition, route };
}

function fillPath(path: string, parts: Readonly<Record<string, unknown>>): string {
  return path.includes(":") ? path.replace(/:(\w+)/g, (_, name: string) => String(parts[name])) : path;
}

/** Answers with the picture, with its headers alone, or with 304 when the client has it. */
async function reply(
  store: ModelStore,
  request: Request,
  path: string,
  schema: QuerySchema,
  { query, canonical, seed, isRandom = false, rule, digits = [], draw }: PicturePlan,
): Promise<Response> {
  let implied: readonly string[] = [];
  const check: CardCheck = (card, name) => {
    implied = rule!(card, name);
  };
  const model = await store.resolve(query.model, seed, rule && check);
  const isPinned = model.isPinned && !isRandom;
  const name = pinnedName(model);
  const format = query.picture ?? (isPinned ? UNNUMBERED_FORMAT : CURRENT_FORMAT);
  const address = writeAddress(path, {
    ...canonicalParameters(schema, canonical, implied),
    model: name,
    picture: format,
  });
  const etag = etagOf(`${SCHEME} ${address}`);
  const headers: Record<string, string> = {
    ...typeHeaders(CONTENT_TYPES[query.format], isRandom ? NO_STORE : cacheControlOf(model)),
    "X-Model": name,
    ETag: etag,
  };
  if (isRandom) headers["X-Seed"] = seed!;
  else headers["Cache-Tag"] = tagsOf(model);
  if (!isPinned && address.length <= MAX_LINK_LENGTH) headers.Link = `<${address}>; rel="canonical"`;

  const isHeld = !isRandom && matchesEtag(request.headers.get("If-None-Match"), etag);
  if (isHeld && digits.length === 0) return notModified(headers);
  const loaded = await store.load(model);
  checkDigits(digits, loaded.sampler);
  if (isHeld) return notModified(headers);
  const body = request.method === "HEAD" ? null : draw(loaded, name, format);
  return new Response(body, { headers });
}
