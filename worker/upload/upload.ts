// Reads a request's picture: checks type and size first, keeps no more than the limit, and reads few at a time.

import { type FittedDigit, fitDigit } from "../../shared/image/fit/fit-digit.ts";
import { concatenate } from "../../shared/model/weights.ts";
import {
  IncompleteBodyError,
  PayloadTooLargeError,
  TooManyUploadsError,
  UnsupportedMediaTypeError,
} from "../api/problems.ts";
import { createGate } from "../gate.ts";
import { MAX_IMAGE_SIDE, type PngHeader } from "./png-file.ts";
import { readPng } from "./read-png.ts";
import { loadZlib } from "./zlib.ts";

/** The largest image in 16-bit RGBA uncompressed, and half as much again for profiles and comments. */
const MAX_UPLOAD_BYTES = 1.5 * MAX_IMAGE_SIDE * MAX_IMAGE_SIDE * 8;
/**
 * Larger bodies are cut off; smaller ones that are too large are read and discarded, because senders read the reply only
 * after sending everything. The platform itself refuses more than 100 MB.
 */
const MAX_DISCARDED_BYTES = 100_000_000;

interface ReaderLimits {
  /** Pictures read concurrently. */
  readonly maxUploads: number;
  /** Time that one may take to arrive, ms. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

/**
 * Checks a body by its headers.
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

/** 16 bodies take 48 MiB of the 128 MB that an isolate has. */
export const readDigit = createDigitReader({ maxUploads: 16, timeoutMs: 30_000, now: () => Date.now() });

/** Makes a function that reads the picture in a request's body and fits it to MNIST's conventions. */
export function createDigitReader({ maxUploads, timeoutMs, now }: ReaderLimits) {
  const gate = createGate({
    most: maxUploads,
    refuse: (count) =>
      new TooManyUploadsError(`${count} other pictures are being read; try again in a moment`),
    now,
    abandonedMs: timeoutMs,
  });
  /**
   * @param check  may refuse the picture by its header
   * @throws TooManyUploadsError, PayloadTooLargeError, IncompleteBodyError, ImageError, EmptyImageError; what `check` throws
   */
  return (request: Request, check?: (header: PngHeader) => void): Promise<FittedDigit> =>
    gate(1, async () => {
      const [bytes, zlib] = await Promise.all([readBody(request, timeoutMs), loadZlib()]);
      return fitDigit(await readPng(bytes, zlib, check));
    });
}

async function readBody({ body }: Request, timeoutMs: number): Promise<Uint8Array> {
  if (!body) return new Uint8Array(0);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const deadline = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener("abort", () => reject(deadline.reason));
  });
  let parts: Uint8Array[] = [];
  let byteLength = 0;
  try {
    while (byteLength <= MAX_DISCARDED_BYTES) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) break;
      byteLength += value.byteLength;
      if (byteLength > MAX_UPLOAD_BYTES) parts = [];
      else parts.push(value);
    }
  } catch (cause) {
    // The app handles clients that disconnected.
    if (!deadline.aborted) throw cause;
    throw new IncompleteBodyError(
      `only ${byteLength} bytes of the body came within ${timeoutMs / 1000} seconds; send it faster, or a smaller picture`,
      { cause },
    );
  } finally {
    // Cancelling a body that has ended fails.
    reader.cancel().catch(() => undefined);
  }
  if (byteLength > MAX_UPLOAD_BYTES) throw tooLarge(String(byteLength));
  return concatenate(parts);
}

function tooLarge(found: string): PayloadTooLargeError {
  return new PayloadTooLargeError(`the body has ${found} bytes, expected at most ${MAX_UPLOAD_BYTES}`);
}
