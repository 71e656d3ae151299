// GET /dataset/:name/:file without a query: a file of a set that was published to the bucket, streamed. A name is given once
// and a file is found by its digest, so replies never change.

import { SET_CARD_FILE } from "../../shared/dataset/card.ts";
import type { ModelStore } from "../models/model-store.ts";
import { pinnedName } from "../models/reference.ts";
import { UnknownFileError } from "./problems.ts";
import { rangeOf } from "./range.ts";
import { CONTENT_TYPES, matchesEtag, notModified, PINNED, typeHeaders } from "./reply.ts";

/** @throws UnknownDatasetError, UnknownFileError, RangeNotSatisfiableError, MissingObjectError, BucketError, SchemaError */
export async function sendPublished(
  { dataset }: ModelStore,
  request: Request,
  name: string,
  file: string,
): Promise<Response> {
  const { card, bytes, sha256: cardSha256 } = await dataset.card(name);
  const isCard = file === SET_CARD_FILE;
  if (!isCard && !Object.hasOwn(card.files, file)) {
    const known = [SET_CARD_FILE, ...Object.keys(card.files)].join(", ");
    throw new UnknownFileError(`the data set ${name} has no file "${file}"; its files are ${known}`);
  }
  const { sha256, bytes: size } = isCard
    ? { sha256: cardSha256, bytes: bytes.byteLength }
    : card.files[file]!;
  const etag = `"${sha256}"`;
  const headers = {
    ...typeHeaders(isCard ? CONTENT_TYPES.json : CONTENT_TYPES.bin, PINNED),
    "X-Model": pinnedName(card.model),
    "Accept-Ranges": "bytes",
    ETag: etag,
  };
  if (matchesEtag(request.headers.get("If-None-Match"), etag)) return notModified(headers);
  const range = rangeOf(request, etag, size);
  const { offset, length } = range ?? { offset: 0, length: size };
  const partly = range && { "Content-Range": `bytes ${offset}-${offset + length - 1}/${size}` };
  const read = async () =>
    isCard ? bytes.subarray(offset, offset + length) : dataset.read(sha256, { offset, length });
  return new Response(request.method === "HEAD" ? null : await read(), {
    status: range ? 206 : 200,
    headers: { ...headers, ...partly, "Content-Length": String(length) },
  });
}
