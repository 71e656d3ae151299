// Range requests for one range of bytes (RFC 9110, 14). Several ranges, other units and what cannot be parsed are ignored, as the
// RFC allows: the reply is then the whole file.

import { RangeNotSatisfiableError } from "./problems.ts";

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * @param etag  what the file has: a range of another one, named by If-Range, is not sent
 * @param size  bytes of the file
 * @returns undefined for the whole file
 * @throws RangeNotSatisfiableError
 */
export function rangeOf({ method, headers }: Request, etag: string, size: number): ByteRange | undefined {
  const found = method === "GET" && /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get("Range") ?? "");
  const ifRange = headers.get("If-Range");
  if (!found || (ifRange !== null && ifRange !== etag)) return undefined;
  const [, first = "", last = ""] = found;
  if (first === "" && last === "") return undefined;
  // bytes=-500 is the last 500.
  const offset = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== "" && last !== "" && Number(last) < offset) return undefined;
  if (offset >= size) throw new RangeNotSatisfiableError(size);
  return { offset, length: end - offset + 1 };
}
