// Failures as RFC 9457 problem details. The one place that maps error classes to statuses and types.

import {
  ArgumentError,
  BucketError,
  DigestError,
  EdgeDigitsError,
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

/** A method that the route does not have. */
export class MethodNotAllowedError extends EdgeDigitsError {}

interface Kind {
  readonly error: new (...args: never[]) => Error;
  readonly type: string;
  readonly title: string;
  readonly status: number;
}

const UNAVAILABLE = { title: "The model cannot be served at present", status: 503 };

const KINDS: readonly Kind[] = [
  { error: InvalidParameterError, type: "invalid-parameter", title: "Invalid parameter", status: 400 },
  { error: SeedError, type: "invalid-parameter", title: "Invalid parameter", status: 400 },
  { error: ArgumentError, type: "invalid-parameter", title: "Invalid parameter", status: 400 },
  { error: SamplerError, type: "no-such-sampler", title: "The release does not draw so", status: 400 },
  { error: NotFoundError, type: "not-found", title: "No such address", status: 404 },
  { error: UnknownModelError, type: "unknown-model", title: "No such model", status: 404 },
  { error: UnknownVersionError, type: "unknown-version", title: "No such version of the model", status: 404 },
  { error: MethodNotAllowedError, type: "method-not-allowed", title: "Method not allowed", status: 405 },
  { error: WithdrawnError, type: "withdrawn-version", title: "The version was withdrawn", status: 410 },
  { error: BucketError, type: "bucket-unavailable", ...UNAVAILABLE },
  { error: MissingObjectError, type: "missing-object", ...UNAVAILABLE },
  { error: DigestError, type: "damaged-release", ...UNAVAILABLE },
  { error: OversizedError, type: "damaged-release", ...UNAVAILABLE },
  { error: WeightsError, type: "damaged-release", ...UNAVAILABLE },
  { error: SchemaError, type: "damaged-release", ...UNAVAILABLE },
  { error: SpecError, type: "damaged-release", ...UNAVAILABLE },
  { error: UnsupportedReleaseError, type: "unsupported-release", ...UNAVAILABLE },
];

const INTERNAL = { type: "internal", title: "Internal error", status: 500 };

const RETRY_AFTER_SECONDS = 30;

/** The reply to a failure. Its cause is logged when it is the service's fault, and never told. */
export function problemResponse(error: Error): Response {
  const kind = KINDS.find((candidate) => error instanceof candidate.error) ?? INTERNAL;
  if (kind.status >= 500) console.error(error);
  const body = {
    type: `/problems/${kind.type}`,
    title: kind.title,
    status: kind.status,
    ...(kind.status !== 500 && { detail: error.message }),
    ...(error instanceof InvalidParameterError && { parameter: error.parameter }),
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: kind.status,
    headers: {
      ...OPEN_TO_ALL,
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...(kind.status === 503 && { "Retry-After": String(RETRY_AFTER_SECONDS) }),
      ...(kind.status === 405 && { Allow: "GET, HEAD, OPTIONS" }),
    },
  });
}
