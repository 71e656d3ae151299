// The platform's zlib, which holds at most twice its output limit; loaded at the first upload.

import { concatenate } from "../../shared/model/weights.ts";

export interface Zlib {
  /** CRC-32, unsigned. */
  readonly crc32: (bytes: Uint8Array) => number;
  /** At most the first maxBytes of a zlib stream's content; throws if those are damaged or cut off. */
  readonly inflate: (stream: Uint8Array, maxBytes: number) => Promise<Uint8Array>;
  /** A zlib stream without compression. */
  readonly store: (bytes: Uint8Array) => Uint8Array;
}

/** zlib's minimum. */
const MIN_CHUNK_BYTES = 64;

export async function loadZlib(): Promise<Zlib> {
  const { crc32, createInflate, deflateSync } = await import("node:zlib");
  return {
    crc32: (bytes) => crc32(bytes),
    store: (bytes) => deflateSync(bytes, { level: 0 }),
    inflate: async (stream, maxBytes) => {
      // zlib gives a chunk of this size before it looks at what follows.
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
