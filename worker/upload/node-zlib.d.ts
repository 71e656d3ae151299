/** What is used of Node's zlib, whose types come with nothing smaller than all of Node's. */
declare module "node:zlib" {
  interface Inflate extends AsyncIterable<Uint8Array> {
    readonly end: (data: Uint8Array) => void;
  }
  export function deflateSync(data: Uint8Array, options?: { level: number }): Uint8Array;
  export function crc32(data: Uint8Array): number;
  /** Iterating throws where the stream is damaged or cut off. */
  export function createInflate(options: { chunkSize: number }): Inflate;
}
