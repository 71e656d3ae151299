// Addresses with the digests of the bytes they are answered with, over four releases that are kept in releases/. A row
// is never edited: a change that is meant is listed in the CHANGELOG with its reason.

import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { sha256 } from "../../shared/release/release.ts";
import type { Bucket } from "../../trainer/publish/bucket.ts";

export const ADDRESSES_FILE = "test/vectors/addresses.json";
export const KEPT_RELEASES = "test/vectors/releases";
/** Of the model `vq`. */
export const CODES_RELEASES = `${KEPT_RELEASES}/vq`;

export interface FrozenAddress {
  /** Path and query. */
  readonly address: string;
  /** Sent by POST, a file of uploads/. */
  readonly upload?: string;
  readonly contentType: string;
  /** SHA-256 of the reply's body. */
  readonly sha256: string;
}

export async function readFrozenAddresses(): Promise<FrozenAddress[]> {
  return JSON.parse(await readFile(ADDRESSES_FILE, "utf8"));
}

/** Puts the kept releases and the catalog that names them into an empty bucket. */
export async function fillBucket(bucket: Bucket): Promise<void> {
  const entries = await readdir(KEPT_RELEASES, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((found) => found.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(KEPT_RELEASES, path).replaceAll(sep, "/");
    await bucket.create(name === "catalog.json" ? name : `models/${name}`, await readFile(path));
  }
}

/** What a service answers at an address. */
export async function answerOf(
  origin: string,
  { address, upload }: Pick<FrozenAddress, "address" | "upload">,
) {
  const init = upload && {
    method: "POST",
    headers: { "Content-Type": "image/png" },
    body: new Uint8Array(await readFile(`test/vectors/uploads/${upload}`)),
  };
  const response = await fetch(origin + address, init || {});
  const body = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200)
    throw new Error(`${address}: ${response.status} ${new TextDecoder().decode(body)}`);
  return { contentType: response.headers.get("Content-Type")!, sha256: await sha256(body) };
}
