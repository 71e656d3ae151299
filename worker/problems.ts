// Failures as RFC 9457 problem details. The one place that maps error classes to statuses and types.

import {
  ArgumentError,
  BucketError,
  DigestError,
  EdgeDigitsError,
  EmptyImageError,
  ImageError,
  MissingObjectError,
  OversizedError,
  SamplerError,
  SchemaError,
  SeedError,
  SpecError,
  UnknownModelError,
  UnknownVersionError,
  UnsupportedReleaseError,
  WeightsError,
  WithdrawnError,
} from "../shared/errors.ts";
import { OPEN_TO_ALL } from "./cors.ts";

/** A query parameter that is unknown, repeated, missing or out of range. */
export class InvalidParameterError extends EdgeDigitsError {
  readonly parameter: string;

  constructor(parameter: string, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/** An address that no route serves. */
export class NotFoundError extends EdgeDigitsError {}

/** A method that the address does not have. */
export class MethodNotAllowedError extends EdgeDigitsError {
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[], message: string) {
    super(message);
    this.allowed = allowed;
  }
}

/** A file that a release does not have. */
export class UnknownFileError extends EdgeDigitsError {}

/** A body larger than is read. */
export class PayloadTooLargeError extends EdgeDigitsError {}

/** A body that says to be of a kind that is not read. */
export class UnsupportedMediaTypeError extends EdgeDigitsError {}

/** A client that asks more often than the limit allows. */
export class RateLimitedError extends EdgeDigitsError {
  readonly periodSeconds: number;

  constructor(periodSeconds: number) {
    super(`too many requests from this address; wait ${periodSeconds} seconds`);
    this.periodSeconds = periodSeconds;
  }
}

interface Kind {
  readonly error: new (...args: never[]) => Error;
  readonly type: string;
  readonly title: string;
  readonly status: number;
}

const UNAVAILABLE = { title: "The model cannot be served at present", status: 503 };

/** What each failure is over HTTP; contract/problem-types.ts explains every type. */
export const KINDS = [
  { error: InvalidParameterError, type: "invalid-parameter", title: "Invalid parameter", status: 400 },
  { error: SeedError, type: "invalid-parameter", title: "Invalid parameter", status: 400 },
  { error: ArgumentError, type: "invalid-parameter", title: "Invalid parameter", status: 400 },
  { error: SamplerError, type: "no-such-sampler", title: "The release does not draw so", status: 400 },
  { error: NotFoundError, type: "not-found", title: "No such address", status: 404 },
  { error: UnknownModelError, type: "unknown-model", title: "No such model", status: 404 },
  { error: UnknownVersionError, type: "unknown-version", title: "No such version of the model", status: 404 },
  { error: UnknownFileError, type: "unknown-file", title: "No such file in the release", status: 404 },
  { error: MethodNotAllowedError, type: "method-not-allowed", title: "Method not allowed", status: 405 },
  { error: PayloadTooLargeError, type: "payload-too-large", title: "The body is too large", status: 413 },
  {
    error: UnsupportedMediaTypeError,
    type: "unsupported-media-type",
    title: "The body is of a type that is not read",
    status: 415,
  },
  { error: ImageError, type: "unreadable-image", title: "The image cannot be read", status: 422 },
  { error: EmptyImageError, type: "empty-image", title: "Nothing is drawn in the image", status: 422 },
  { error: RateLimitedError, type: "rate-limited", title: "Too many requests", status: 429 },
  { error: WithdrawnError, type: "withdrawn-version", title: "The version was withdrawn", status: 410 },
  { error: BucketError, type: "bucket-unavailable", ...UNAVAILABLE },
  { error: MissingObjectError, type: "missing-object", ...UNAVAILABLE },
  { error: DigestError, type: "damaged-release", ...UNAVAILABLE },
  { error: OversizedError, type: "damaged-release", ...UNAVAILABLE },
  { error: WeightsError, type: "damaged-release", ...UNAVAILABLE },
  { error: SchemaError, type: "damaged-release", ...UNAVAILABLE },
  { error: SpecError, type: "damaged-release", ...UNAVAILABLE },
  { error: UnsupportedReleaseError, type: "unsupported-release", ...UNAVAILABLE },
] as const satisfies readonly Kind[];

export const INTERNAL = { type: "internal", title: "Internal error", status: 500 } as const;

export type ProblemType = (typeof KINDS)[number]["type"] | typeof INTERNAL.type;

const RETRY_AFTER_SECONDS = 30;
const UNAVAILABLE_DETAIL = `try again in ${RETRY_AFTER_SECONDS} seconds; /health and the log say why`;

/**
 * The reply to a failure. Its cause is logged under the request's id when it is the service's fault, and never told.
 * @param tellsCause  of a model that cannot be served, for /health
 */
export function problemResponse(error: Error, requestId: string | undefined, tellsCause = false): Response {
  const kind = KINDS.find((candidate) => error instanceof candidate.error) ?? INTERNAL;
  if (kind.status >= 500)
    console.error(JSON.stringify({ message: "failure", requestId, type: kind.type, ...explain(error) }));
  const body = {
    type: `/problems/${kind.type}`,
    title: kind.title,
    status: kind.status,
    ...(kind.status === 503 && !tellsCause && { detail: UNAVAILABLE_DETAIL }),
    ...((kind.status < 500 || (kind.status === 503 && tellsCause)) && { detail: error.message }),
    ...(error instanceof InvalidParameterError && { parameter: error.parameter }),
    ...(requestId !== undefined && { requestId }),
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: kind.status,
    headers: {
      ...OPEN_TO_ALL,
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...(kind.status === 503 && { "Retry-After": String(RETRY_AFTER_SECONDS) }),
      ...(error instanceof RateLimitedError && { "Retry-After": String(error.periodSeconds) }),
      ...(error instanceof MethodNotAllowedError && { Allow: error.allowed.join(", ") }),
    },
  });
}

/** An error and what caused it, as plain objects. Names of our own classes are minified: `type` tells them. */
function explain(error: unknown): object {
  if (!(error instanceof Error)) return { error: String(error) };
  const { name, message, stack, cause } = error;
  return { error: name, detail: message, stack, ...(cause !== undefined && { cause: explain(cause) }) };
}
