// Reads everything that is published, and checks every digest and the pixels of the golden seeds.

import { isDeepStrictEqual } from "node:util";
import { parseSetCard, setFileKey, setFiles, setNameOf } from "../../shared/dataset/card.ts";
import { DigestError, EdgeDigitsError } from "../../shared/errors.ts";
import type { Catalog, Published } from "../../shared/release/catalog.ts";
import { sha256 } from "../../shared/release/release.ts";
import { PublishError } from "../errors.ts";
import { checkGolden } from "../release/golden.ts";
import type { Bucket, StoredObject } from "./bucket.ts";
import { readStoredCard, readStoredFile, sizeOf } from "./stored-release.ts";

export interface Finding {
  /** name@version, or a data set's address. */
  readonly of: string;
  readonly message: string;
  readonly ok: boolean;
}

/** For each version in the history one finding if it is intact, else one for each problem. */
export async function* verifyCatalog(bucket: Bucket, catalog: Catalog): AsyncGenerator<Finding> {
  for (const [model, { history }] of Object.entries(catalog.models)) {
    for (const published of history) {
      const { problems, summary } = await verifyVersion(bucket, model, published);
      const messages = problems.length > 0 ? problems : [summary];
      for (const message of messages) {
        yield { of: `${model}@${published.version}`, message, ok: problems.length === 0 };
      }
    }
  }
}

function collectProblems() {
  const problems: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(error instanceof EdgeDigitsError ? error.message : String(error));
      return undefined;
    }
  };
  return { problems, attempt };
}

/** The same for each published data set. */
export async function* verifySets(bucket: Bucket): AsyncGenerator<Finding> {
  for (const { key } of await bucket.list("datasets/")) {
    const name = setNameOf(key);
    if (name === undefined) continue;
    const { problems, summary } = await verifySet(bucket, key);
    for (const message of problems.length > 0 ? problems : [summary]) {
      yield { of: `/dataset/${name}`, message, ok: problems.length === 0 };
    }
  }
}

async function verifySet(bucket: Bucket, cardKey: string) {
  const { problems, attempt } = collectProblems();
  const card = await attempt(async () => parseSetCard((await readObject(bucket, cardKey)).body));
  if (!card) return { problems, summary: "" };
  const files = Object.entries(card.files);
  const names = files.map(([file]) => file).toSorted();
  if (![true, false].some((gz) => isDeepStrictEqual(names, setFiles(gz).toSorted()))) {
    problems.push(`${cardKey} lists other files than those of a set: ${names.join(", ")}`);
  }
  for (const [file, { sha256: promised, bytes }] of files) {
    const key = setFileKey(promised);
    await attempt(async () => {
      const { body } = await readObject(bucket, key);
      const found = await sha256(body);
      if (found !== promised) throw new DigestError(`${key} (${file}) has SHA-256 ${found}`);
      if (body.byteLength !== bytes) {
        throw new DigestError(`${key} (${file}) has ${body.byteLength} bytes; the card says ${bytes}`);
      }
    });
  }
  const total = files.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  return { problems, summary: `${files.length + 1} objects, ${total} bytes` };
}

async function readObject(bucket: Bucket, key: string): Promise<StoredObject> {
  const found = await bucket.get(key);
  if (!found) throw new PublishError(`${key} is missing`);
  return found;
}

/** Continues after any failure, so that every object is reported. */
async function verifyVersion(bucket: Bucket, model: string, published: Published) {
  const { problems, attempt } = collectProblems();
  const { withdrawn } = published;
  if (withdrawn) return { problems, summary: `withdrawn on ${withdrawn.at}` };
  const card = await attempt(() => readStoredCard(bucket, model, published));
  if (!card) return { problems, summary: "" };
  if (card.name !== model) problems.push(`its card is that of a model named "${card.name}"`);
  const files = new Map<string, Uint8Array>();
  const listed = Object.keys(card.files);
  for (const file of listed) {
    const body = await attempt(() => readStoredFile(bucket, model, published, card, file));
    if (body) files.set(file, body);
  }
  const seeds = files.size === listed.length && (await attempt(() => checkGolden({ card, files })));
  return { problems, summary: `${files.size + 1} objects, ${sizeOf(card)} bytes, ${seeds} golden seeds` };
}
