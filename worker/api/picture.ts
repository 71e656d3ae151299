// Answers with a picture. It is a function of (version, scheme, picture format, parameters), which are its pinned address:
// so the address and the ETag are known before anything is drawn.

import { writeAddress } from "../../shared/address.ts";
import { CURRENT_FORMAT, type PictureFormat, UNNUMBERED_FORMAT } from "../../shared/image/picture-format.ts";
import { SCHEME } from "../../shared/latent/gaussian.ts";
import type { CardCheck, LoadedModel, ModelStore } from "../models/model-store.ts";
import { type ModelReference, pinnedName } from "../models/reference.ts";
import { type CardRule, checkDigits } from "./card-rules.ts";
import { CONTENT_TYPES } from "./content-types.ts";
import { OPEN_TO_ALL } from "./headers.ts";
import { canonicalParameters, type QuerySchema } from "./query.ts";
import { cacheControlOf, etagOf, isFresh, NO_STORE, notModified, tagsOf, typeHeaders } from "./reply.ts";

/** Standard clients refuse a reply whose headers take more than 8 KB; a longer address is left out of it. */
const MAX_LINK_LENGTH = 4096;

export interface Picture {
  readonly request: Request;
  /** Route, such as "/sample". */
  readonly path: string;
  readonly schema: QuerySchema;
  readonly query: {
    readonly format: keyof typeof CONTENT_TYPES;
    readonly picture?: PictureFormat | undefined;
    readonly model?: ModelReference | undefined;
  };
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
  /** @param name  name@version */
  readonly draw: (model: LoadedModel, name: string, picture: PictureFormat) => Uint8Array | string;
}

/** Answers with the picture, with its headers alone, or with 304 when the client has it. */
export async function replyPicture(store: ModelStore, picture: Picture): Promise<Response> {
  const { request, path, schema, query, canonical, seed, isRandom = false, rule, digits = [] } = picture;
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
    ...OPEN_TO_ALL,
    ...typeHeaders(CONTENT_TYPES[query.format], isRandom ? NO_STORE : cacheControlOf(model)),
    "X-Model": name,
    ETag: etag,
  };
  if (isRandom) headers["X-Seed"] = seed!;
  else headers["Cache-Tag"] = tagsOf(model);
  if (!isPinned && address.length <= MAX_LINK_LENGTH) headers.Link = `<${address}>; rel="canonical"`;

  const isHeld = !isRandom && isFresh(request.headers.get("If-None-Match"), etag);
  if (isHeld && digits.length === 0) return notModified(headers);
  const loaded = await store.load(model);
  checkDigits(digits, loaded.sampler);
  if (isHeld) return notModified(headers);
  const body = request.method === "HEAD" ? null : picture.draw(loaded, name, format);
  return new Response(body, { headers });
}
