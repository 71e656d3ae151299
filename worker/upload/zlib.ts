// The platform's zlib, which holds no more than twice what it may give; loaded when the first picture comes.

import { concatenate } from "../../shared/model/weights.ts";

/** What reading a PNG needs of zlib. */
export interface Zlib {
  /** CRC-32, unsigned. */
  readonly crc32: (bytes: Uint8Array) => number;
  /** The first maxBytes of what a zlib stream holds, or all where it holds less; throws where those are damaged or cut off. */
  readonly inflate: (stream: Uint8Array, maxBytes: number) => Promise<Uint8Array>;
  /** A zlib stream of bytes that are not compressed. */
  readonly store: (bytes: Uint8Array) => Uint8Array;
}

/** zlib takes no smaller chunks. */
const MIN_CHUNK_BYTES = 64;

export async function loadZlib(): Promise<Zlib> {
  const { crc32, createInflate, deflateSync } = await import("node:zlib");
  return {
    crc32: (bytes) => crc32(bytes),
    store: (bytes) => deflateSync(bytes, { level: 0 }),
    inflate: async (stream, maxBytes) => {
      // A chunk of just this size is given before zlib looks at what follows.
      const inflater = createInflate({ chunkSize: Math.max(maxBytes, MIN_CHUNK_BYTES) });
      inflater.end(stream);
      const parts: Uint8Array[] = [];
      let byteLength = 0;
      // Leaving the loop ends the inflating.
      for await (const part of inflater) {
        parts.push(part);
        byteLength += part.byteLength;
        if (byteLength >= maxBytes) break;
      }
      return concatenate(parts).subarray(0, maxBytes);
    },
  };
}
