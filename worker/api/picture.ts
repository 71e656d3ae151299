// The route of an operation that draws: parse, plan, resolve the model, 304, draw, reply. A picture is a function of
// (version, scheme, picture format, parameters), its pinned address; so address and ETag are known before anything is drawn.

import type { InferOutput } from "valibot";
import { writeAddress } from "../../shared/address.ts";
import { formatOf, type PictureFormat } from "../../shared/image/picture-format.ts";
import { type Drawing, RENDERERS, type Renderer } from "../../shared/image/renderer.ts";
import { SCHEME } from "../../shared/latent/gaussian/sample.ts";
import type { LoadedModel } from "../models/model-cache.ts";
import type { CardCheck, ModelStore } from "../models/model-store.ts";
import { type ModelReference, pinnedName } from "../models/reference.ts";
import { type Budget, type Lever, sizeLever } from "./budget.ts";
import { type CardRule, checkDigits } from "./card-rules.ts";
import type { Work } from "./cost.ts";
import { checkFormat, checkHand } from "./drawing.ts";
import { canonicalParameters, parsePath, parseQuery, type QuerySchema } from "./query.ts";
import {
  type Body,
  CONTENT_TYPES,
  cacheControlOf,
  etagOf,
  matchesEtag,
  NO_STORE,
  notModified,
  tagsOf,
  typeHeaders,
} from "./reply.ts";
import type { App } from "./route.ts";

/** Common clients refuse replies with more than 8 KB of headers; a longer address gets no Link. */
const MAX_LINK_LENGTH = 4096;

/** Parameters that all pictures have. */
interface PictureQuery extends Drawing {
  readonly format: keyof typeof CONTENT_TYPES;
  readonly picture?: PictureFormat | undefined;
  readonly model?: ModelReference | undefined;
  readonly seed?: string | undefined;
}
type Parts<Schema> = Schema extends QuerySchema ? InferOutput<Schema> : Readonly<Record<string, never>>;

/** The query with a random seed if the request has none. */
type Seeded<Query> = "seed" extends keyof Query ? Query & { readonly seed: string } : Query;

/** What a checked request draws, before the model is known. */
interface PicturePlan {
  /** The parameters in canonical spelling, with or without defaults; by default the query. */
  readonly canonical?: Readonly<Record<string, unknown>>;
  /** Of the first digit; by default the query's. */
  readonly seed?: string;
  /** Checks the request by the model's card. */
  readonly rule?: CardRule | undefined;
  /** Classes that are requested. */
  readonly digits?: readonly number[];
  /** What drawing takes, its size and format aside. */
  readonly work: Pick<Work, "draws" | "walk" | "digits">;
  /** Parameters of this operation that lower the cost, beside size. */
  readonly levers?: readonly Lever[];
  /**
   * The reply's body.
   * @param name  name@version
   */
  readonly draw: (model: LoadedModel, name: string, renderer: Renderer) => Body;
}

export interface PictureDefinition<Query extends QuerySchema, Path extends QuerySchema | undefined> {
  /** In Hono's syntax: /number/:digits. */
  readonly path: string;
  readonly query: Query;
  /** Schema of the path's parameters. */
  readonly pathParameters?: Path;
  /**
   * Checks the parameters together.
   * @param given  names of the request's parameters
   * @throws InvalidParameterError naming the invalid parameter
   */
  readonly plan: (
    query: Seeded<InferOutput<Query>>,
    given: ReadonlySet<string>,
    parts: Parts<Path>,
  ) => PicturePlan;
}

/** A request whose parameters are checked. */
interface PictureRequest extends Required<Omit<PicturePlan, "rule" | "seed">> {
  readonly query: PictureQuery;
  readonly path: string;
  readonly seed: string | undefined;
  /** The seed is random. */
  readonly isRandom: boolean;
  readonly rule?: CardRule | undefined;
}

/** Makes the route of an operation that draws. */
export function pictureRoute<Query extends QuerySchema, Path extends QuerySchema | undefined = undefined>(
  definition: PictureDefinition<Query, Path>,
) {
  const { path, query: schema, pathParameters, plan } = definition;
  /** @throws InvalidParameterError */
  const parse = (url: string, found: Readonly<Record<string, string>>): PictureRequest => {
    const parts = (pathParameters ? parsePath(pathParameters, found, url) : {}) as Parts<Path>;
    const parsed = parseQuery(schema, url);
    const { given } = parsed;
    let query = parsed.query as unknown as PictureQuery & Seeded<InferOutput<Query>>;
    checkFormat(query.format, given);
    const isRandom = "seed" in schema.entries && query.seed === undefined;
    if (isRandom) query = { ...query, seed: crypto.randomUUID() };
    return {
      query,
      path: path.replace(/:(\w+)/g, (_, name) => String(parts[name as keyof typeof parts])),
      isRandom,
      canonical: { ...query },
      seed: query.seed,
      digits: [],
      levers: [],
      ...plan(query, given, parts),
    };
  };
  const route = (app: App, store: ModelStore, budget: Budget) =>
    app.get(path, (c) => reply(store, budget, c.req.raw, schema, parse(c.req.url, c.req.param())));
  return { ...definition, parse, route };
}

/** Responds with the picture, with only its headers (HEAD), or with 304 if the client has it. */
async function reply(
  store: ModelStore,
  budget: Budget,
  request: Request,
  schema: QuerySchema,
  { query, path, canonical, seed, isRandom, rule, digits, work, levers, draw }: PictureRequest,
): Promise<Response> {
  let implied: readonly string[] = [];
  const check: CardCheck = (card, name) => {
    implied = rule!(card, name);
  };
  const model = await store.resolve(query.model, seed, rule && check);
  const isPinned = model.isPinned && !isRandom;
  const name = pinnedName(model);
  const format = formatOf(query.picture, isPinned);
  checkHand(query, format);
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
  checkDigits(digits, loaded.latent);
  if (isHeld) return notModified(headers);
  const { size, format: file } = query;
  budget(loaded.card.spec, { ...work, size, format: file }, [...levers, sizeLever(size)]);
  const body = request.method === "HEAD" ? null : draw(loaded, name, RENDERERS[format](query, loaded.ink));
  return new Response(body, { headers });
}
