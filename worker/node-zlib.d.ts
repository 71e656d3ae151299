/** What is used of Node's zlib, whose types come with nothing smaller than all of Node's. */
declare module "node:zlib" {
  export function crc32(data: Uint8Array): number;
  /** Throws a RangeError at more than maxOutputLength bytes, and an Error where the stream is damaged. */
  export function inflateSync(
    data: Uint8Array,
    options: { chunkSize: number; maxOutputLength: number },
  ): Uint8Array;
}
