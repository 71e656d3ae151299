/** The part of Node's zlib that is used: @types/node would add all of Node's globals. */
declare module "node:zlib" {
  interface Inflate extends AsyncIterable<Uint8Array> {
    readonly end: (data: Uint8Array) => void;
  }
  export function deflateSync(data: Uint8Array, options?: { level: number }): Uint8Array;
  export function crc32(data: Uint8Array): number;
  /** Iterating throws if the stream is damaged or cut off. */
  export function createInflate(options: { chunkSize: number }): Inflate;
}
