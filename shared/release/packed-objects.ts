// Objects of a bucket as one file: how the Worker carries the release that it serves from an empty bucket.
// The length of a list in 4 bytes, big-endian; the list, JSON: [key, bytes] of each object; then the objects.

import { concatenate } from "../model/weights.ts";

/** By key. */
export type Objects = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export function packObjects(objects: Objects): Uint8Array<ArrayBuffer> {
  const list = new TextEncoder().encode(
    JSON.stringify([...objects].map(([key, { byteLength }]) => [key, byteLength])),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, list.byteLength);
  return concatenate([length, list, ...objects.values()]);
}

/** The objects are views of the file. */
export function unpackObjects(file: ArrayBuffer): Objects {
  const listEnd = 4 + new DataView(file).getUint32(0);
  const list = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, listEnd - 4))) as [
    string,
    number,
  ][];
  let at = listEnd;
  return new Map(
    list.map(([key, byteLength]) => {
      at += byteLength;
      return [key, new Uint8Array(file, at - byteLength, byteLength)];
    }),
  );
}
