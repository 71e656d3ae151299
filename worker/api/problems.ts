// Failures as RFC 9457 problem details. The one place that maps error classes to statuses and types.

import * as errors from "../../shared/errors.ts";

/** A query parameter that is unknown, repeated, missing or out of range. */
export class InvalidParameterError extends errors.EdgeDigitsError {
  readonly parameter: string;

  constructor(parameter: string, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/** A request that costs more than the operator allows; names the parameter to lower. */
export class OverBudgetError extends InvalidParameterError {}

/** What is wrong with a parameter that is known. */
export function invalid(parameter: string, problem: string): InvalidParameterError {
  return new InvalidParameterError(parameter, `parameter "${parameter}": ${problem}`);
}

/** An address that no route serves. */
export class NotFoundError extends errors.EdgeDigitsError {}

/** A method that the address does not support. */
export class MethodNotAllowedError extends errors.EdgeDigitsError {
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[], message: string) {
    super(message);
    this.allowed = allowed;
  }
}

/** A file that a release or a data set does not have. */
export class UnknownFileError extends errors.EdgeDigitsError {}

/** A data set that was never published. */
export class UnknownDatasetError extends errors.EdgeDigitsError {}

/** A range that begins after the end of the file. */
export class RangeNotSatisfiableError extends errors.EdgeDigitsError {
  readonly size: number;

  constructor(size: number) {
    super(`the range begins after the end of the file, which has ${size} bytes`);
    this.size = size;
  }
}

/** A body above the size limit. */
export class PayloadTooLargeError extends errors.EdgeDigitsError {}

/** A body that took too long to arrive. */
export class IncompleteBodyError extends errors.EdgeDigitsError {}

/** More pictures at once than an isolate has memory for. */
export class TooManyUploadsError extends errors.EdgeDigitsError {}

/** A body with an unsupported media type. */
export class UnsupportedMediaTypeError extends errors.EdgeDigitsError {}

/** A client that exceeds the rate limit. */
export class RateLimitedError extends errors.EdgeDigitsError {
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
export class PurgeRefusedError extends errors.EdgeDigitsError {}

/** A purge without a cache in front of the Worker. */
export class NoCacheError extends errors.EdgeDigitsError {}

type ErrorClass = new (...args: never[]) => Error;

const problem = (status: number, title: string, ...failures: readonly ErrorClass[]) => ({
  status,
  title,
  failures,
  isUnavailable: false,
});

/** A model cannot be served: the cause is for operators, and a retry may help. */
const unavailable = (...failures: readonly ErrorClass[]) => ({
  ...problem(503, "The model is unavailable", ...failures),
  isUnavailable: true,
});

/** Every type of problem, by status, with its error classes; docs/problem-types.ts explains each. */
export const PROBLEMS = {
  "over-budget": problem(400, "The request costs too much", OverBudgetError),
  "invalid-parameter": problem(
    400,
    "Invalid parameter",
    InvalidParameterError,
    errors.SeedError,
    errors.ArgumentError,
  ),
  "no-such-sampler": problem(400, "Unsupported sampler for this model", errors.SamplerError),
  "not-found": problem(404, "No such address", NotFoundError),
  "unknown-model": problem(404, "No such model", errors.UnknownModelError),
  "unknown-version": problem(404, "No such version of the model", errors.UnknownVersionError),
  "unknown-file": problem(404, "No such file", UnknownFileError),
  "unknown-dataset": problem(404, "No such data set", UnknownDatasetError),
  "method-not-allowed": problem(405, "Method not allowed", MethodNotAllowedError),
  "incomplete-body": problem(408, "The body is incomplete", IncompleteBodyError),
  "withdrawn-version": problem(410, "The version was withdrawn", errors.WithdrawnError),
  "payload-too-large": problem(413, "The body is too large", PayloadTooLargeError),
  "unsupported-media-type": problem(415, "Unsupported media type", UnsupportedMediaTypeError),
  "range-not-satisfiable": problem(416, "The range is not in the file", RangeNotSatisfiableError),
  "unreadable-image": problem(422, "The image cannot be read", errors.ImageError),
  "empty-image": problem(422, "Nothing is drawn in the image", errors.EmptyImageError),
  "unclear-image": problem(422, "No digit stands out in the image", errors.UnclearImageError),
  "rate-limited": problem(429, "Too many requests", RateLimitedError),
  internal: problem(500, "Internal error"),
  "purge-refused": problem(502, "The platform did not purge", PurgeRefusedError),
  "too-many-uploads": problem(503, "Too many uploads at once", TooManyUploadsError),
  "no-cache": problem(503, "No cache to purge", NoCacheError),
  "bucket-unavailable": unavailable(errors.BucketError),
  "missing-object": unavailable(errors.MissingObjectError),
  "damaged-release": unavailable(
    errors.DigestError,
    errors.OversizedError,
    errors.WeightsError,
    errors.SchemaError,
    errors.SpecError,
  ),
  "unsupported-release": unavailable(errors.UnsupportedReleaseError),
};

export type ProblemType = keyof typeof PROBLEMS;

const TYPES = Object.keys(PROBLEMS) as ProblemType[];
const RETRY_AFTER_SECONDS = 30;
const UNAVAILABLE_DETAIL = `try again in ${RETRY_AFTER_SECONDS} seconds; /health and the log say why`;

/** Most characters of a request's input that a reply repeats. */
const MAX_QUOTED = 160;
/** Most characters of a problem's member. */
const MAX_MEMBER = 1000;

/** What was found in a request, truncated if long. */
export function quote(text: string, most = MAX_QUOTED): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}

/**
 * The reply to a failure. If it is the service's fault, the cause is logged under the request's id and not revealed.
 * @param exposesCause  of a model that cannot be served, for /health
 */
export function problemResponse(error: Error, requestId: string | undefined, exposesCause = false): Response {
  const isKind = (candidate: ProblemType) =>
    PROBLEMS[candidate].failures.some((Kind) => error instanceof Kind);
  const type = TYPES.find(isKind) ?? "internal";
  const { title, status, isUnavailable } = PROBLEMS[type];
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
      ...(error instanceof RangeNotSatisfiableError && { "Content-Range": `bytes */${error.size}` }),
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
