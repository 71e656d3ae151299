// The platform's zlib, which holds no more than twice what it may give; loaded when the first picture comes.

import type { Zlib } from "../shared/image/read-png.ts";

/** zlib takes no smaller chunks. */
const MIN_CHUNK_BYTES = 64;

export async function loadZlib(): Promise<Zlib> {
  const { crc32, inflateSync } = await import("node:zlib");
  return {
    crc32: (bytes) => crc32(bytes),
    inflate: (stream, maxBytes) => {
      // workerd grows its buffer in steps and fails where a step passes the limit, even if the data would not: so it
      // has room for the last step, and what is longer than it may be is refused here.
      const room = Math.max(maxBytes, MIN_CHUNK_BYTES);
      const data = inflateSync(stream, { chunkSize: room, maxOutputLength: 2 * room });
      if (data.length > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
      return data;
    },
  };
}
