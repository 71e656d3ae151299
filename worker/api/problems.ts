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
  UnclearImageError,
  UnknownModelError,
  UnknownVersionError,
  UnsupportedReleaseError,
  WeightsError,
  WithdrawnError,
} from "../../shared/errors.ts";

/** A query parameter that is unknown, repeated, missing or out of range. */
export class InvalidParameterError extends EdgeDigitsError {
  readonly parameter: string;

  constructor(parameter: string, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/** What is wrong with a parameter that is known. */
export function invalid(parameter: string, problem: string): InvalidParameterError {
  return new InvalidParameterError(parameter, `parameter "${parameter}": ${problem}`);
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

/** A body that took too long to arrive. */
export class IncompleteBodyError extends EdgeDigitsError {}

/** More pictures at once than an isolate has memory for. */
export class TooManyUploadsError extends EdgeDigitsError {}

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

export function noRoute(path: string): NotFoundError {
  return new NotFoundError(`no route matches ${quote(path)}; see /docs`);
}

/** A purge that the platform refused. */
export class PurgeRefusedError extends EdgeDigitsError {}

/** A purge where no cache is in front of the Worker. */
export class NoCacheError extends EdgeDigitsError {}

interface ProblemInfo {
  readonly title: string;
  readonly status: number;
  /** A model cannot be served: the cause is for operators, and asking again may help. */
  readonly isUnavailable?: true;
}

const UNAVAILABLE = {
  title: "The model is unavailable",
  status: 503,
  isUnavailable: true,
} as const;

/** Every type of problem, by status; docs/problem-types.ts explains each. */
export const PROBLEMS = {
  "invalid-parameter": { title: "Invalid parameter", status: 400 },
  "no-such-sampler": { title: "Unsupported sampler for this model", status: 400 },
  "not-found": { title: "No such address", status: 404 },
  "unknown-model": { title: "No such model", status: 404 },
  "unknown-version": { title: "No such version of the model", status: 404 },
  "unknown-file": { title: "No such file in the release", status: 404 },
  "method-not-allowed": { title: "Method not allowed", status: 405 },
  "incomplete-body": { title: "The body is incomplete", status: 408 },
  "withdrawn-version": { title: "The version was withdrawn", status: 410 },
  "payload-too-large": { title: "The body is too large", status: 413 },
  "unsupported-media-type": { title: "Unsupported media type", status: 415 },
  "unreadable-image": { title: "The image cannot be read", status: 422 },
  "empty-image": { title: "Nothing is drawn in the image", status: 422 },
  "unclear-image": { title: "No digit stands out in the image", status: 422 },
  "rate-limited": { title: "Too many requests", status: 429 },
  internal: { title: "Internal error", status: 500 },
  "purge-refused": { title: "The platform did not purge", status: 502 },
  "too-many-uploads": { title: "Too many uploads at once", status: 503 },
  "no-cache": { title: "No cache to purge", status: 503 },
  "bucket-unavailable": UNAVAILABLE,
  "missing-object": UNAVAILABLE,
  "damaged-release": UNAVAILABLE,
  "unsupported-release": UNAVAILABLE,
} as const satisfies Readonly<Record<string, ProblemInfo>>;

export type ProblemType = keyof typeof PROBLEMS;

/** What each failure is over HTTP; any other is "internal". */
const TYPES: readonly (readonly [error: new (...args: never[]) => Error, type: ProblemType])[] = [
  [InvalidParameterError, "invalid-parameter"],
  [SeedError, "invalid-parameter"],
  [ArgumentError, "invalid-parameter"],
  [SamplerError, "no-such-sampler"],
  [NotFoundError, "not-found"],
  [UnknownModelError, "unknown-model"],
  [UnknownVersionError, "unknown-version"],
  [UnknownFileError, "unknown-file"],
  [MethodNotAllowedError, "method-not-allowed"],
  [IncompleteBodyError, "incomplete-body"],
  [TooManyUploadsError, "too-many-uploads"],
  [PayloadTooLargeError, "payload-too-large"],
  [UnsupportedMediaTypeError, "unsupported-media-type"],
  [ImageError, "unreadable-image"],
  [EmptyImageError, "empty-image"],
  [UnclearImageError, "unclear-image"],
  [RateLimitedError, "rate-limited"],
  [WithdrawnError, "withdrawn-version"],
  [PurgeRefusedError, "purge-refused"],
  [NoCacheError, "no-cache"],
  [BucketError, "bucket-unavailable"],
  [MissingObjectError, "missing-object"],
  [DigestError, "damaged-release"],
  [OversizedError, "damaged-release"],
  [WeightsError, "damaged-release"],
  [SchemaError, "damaged-release"],
  [SpecError, "damaged-release"],
  [UnsupportedReleaseError, "unsupported-release"],
];

const RETRY_AFTER_SECONDS = 30;
const UNAVAILABLE_DETAIL = `try again in ${RETRY_AFTER_SECONDS} seconds; /health and the log say why`;

/** Characters of what a request holds that a reply repeats. */
const MAX_QUOTED = 160;
/** Characters of a member of a problem, whatever it is made of. */
const MAX_MEMBER = 1000;

/** What was found in a request, cut short where it is long. */
export function quote(text: string, most = MAX_QUOTED): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}

/**
 * The reply to a failure. Its cause is logged under the request's id when it is the service's fault, and not given away.
 * @param exposesCause  of a model that cannot be served, for /health
 */
export function problemResponse(error: Error, requestId: string | undefined, exposesCause = false): Response {
  const type = TYPES.find(([candidate]) => error instanceof candidate)?.[1] ?? "internal";
  const { title, status, isUnavailable }: ProblemInfo = PROBLEMS[type];
  if (status >= 500)
    console.error(JSON.stringify({ message: "failure", requestId, type, ...explain(error) }));
  const detail = isUnavailable && !exposesCause ? UNAVAILABLE_DETAIL : quote(error.message, MAX_MEMBER);
  const body = {
    type: `/problems/${type}`,
    title,
    status,
    ...(type !== "internal" && { detail }),
    ...(error instanceof InvalidParameterError && { parameter: quote(error.parameter) }),
    ...(requestId !== undefined && { requestId }),
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...((isUnavailable || error instanceof TooManyUploadsError) && {
        "Retry-After": String(RETRY_AFTER_SECONDS),
      }),
      ...(error instanceof RateLimitedError && { "Retry-After": String(error.periodSeconds) }),
      ...(error instanceof MethodNotAllowedError && { Allow: error.allowed.join(", ") }),
    },
  });
}

/** An error and what caused it, as plain objects. Our own class names are minified, so `type` identifies them. */
function explain(error: unknown): object {
  if (!(error instanceof Error)) return { error: String(error) };
  const { name, message, stack, cause } = error;
  return { error: name, detail: message, stack, ...(cause !== undefined && { cause: explain(cause) }) };
}
