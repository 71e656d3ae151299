// The picture that a request carries: its type and size are checked before it is read, and reading stops at the limit.

import { type FittedDigit, fitDigit } from "../shared/image/fit-digit.ts";
import { MAX_IMAGE_SIDE } from "../shared/image/png-file.ts";
import { concatenate } from "../shared/weights.ts";
import { PayloadTooLargeError, UnsupportedMediaTypeError } from "./problems.ts";
import { loadZlib } from "./zlib.ts";

/** The largest image with 16-bit RGBA pixels that do not compress, and half as much for profiles and comments. */
const MAX_UPLOAD_BYTES = 1.5 * MAX_IMAGE_SIDE * MAX_IMAGE_SIDE * 8;

/**
 * Refuses a body that will not be read, by its headers.
 * @throws UnsupportedMediaTypeError, PayloadTooLargeError
 */
export function checkUpload({ headers }: Request): void {
  const type = headers.get("Content-Type");
  if (!/^\s*image\/png\s*(;|$)/i.test(type ?? "")) {
    throw new UnsupportedMediaTypeError(
      `the body has ${type ? `Content-Type "${type}"` : "no Content-Type"}; send a PNG as it is, with "Content-Type: image/png"`,
    );
  }
  const coding = headers.get("Content-Encoding");
  if (coding && coding.trim().toLowerCase() !== "identity") {
    throw new UnsupportedMediaTypeError(`the body has Content-Encoding "${coding}"; send the PNG as it is`);
  }
  if (Number(headers.get("Content-Length")) > MAX_UPLOAD_BYTES)
    throw tooLarge(headers.get("Content-Length")!);
}

/**
 * The picture in a request's body, fitted to MNIST's conventions.
 * @throws PayloadTooLargeError, ImageError, EmptyImageError
 */
export async function readDigit(request: Request): Promise<FittedDigit> {
  // What only pictures need is evaluated when the first one comes.
  const [bytes, { readPng }, zlib] = await Promise.all([
    readBody(request),
    import("../shared/image/read-png.ts"),
    loadZlib(),
  ]);
  return fitDigit(readPng(bytes, zlib));
}

/** Whatever the headers say, no more than the limit is taken in. */
async function readBody({ body }: Request): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  if (!body) return concatenate(parts);
  let byteLength = 0;
  for await (const part of body as ReadableStream<Uint8Array>) {
    byteLength += part.byteLength;
    // Leaving the loop cancels the stream.
    if (byteLength > MAX_UPLOAD_BYTES) throw tooLarge(`more than ${MAX_UPLOAD_BYTES}`);
    parts.push(part);
  }
  return concatenate(parts);
}

function tooLarge(found: string): PayloadTooLargeError {
  return new PayloadTooLargeError(`the body has ${found} bytes; at most ${MAX_UPLOAD_BYTES} are read`);
}
