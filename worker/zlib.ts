// The platform's zlib, which inflates no further than it is told to; loaded when the first picture comes.

import type { Zlib } from "../shared/image/read-png.ts";

export async function loadZlib(): Promise<Zlib> {
  const { crc32, inflateSync } = await import("node:zlib");
  return {
    crc32: (bytes) => crc32(bytes),
    inflate: (stream, maxBytes) => inflateSync(stream, { maxOutputLength: maxBytes }),
  };
}
