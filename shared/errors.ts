// One error class per failure. They carry no HTTP status or exit code: the Worker maps them to problem
// details, the trainer's command line to a message.

/** Base of every failure that Edge Digits explains to its caller. */
export abstract class EdgeDigitsError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** A ModelSpec whose layers do not fit together, or with a layer that this version does not support. */
export class SpecError extends EdgeDigitsError {}

/** A seed that is not a string of 1 to 128 characters. */
export class SeedError extends EdgeDigitsError {}

/** An argument that breaks its function's documented range, such as 1 step for a walk. */
export class ArgumentError extends EdgeDigitsError {}

/** A way of drawing latents that a release does not offer. */
export class SamplerError extends EdgeDigitsError {}

/** A file of a release, or the catalog, whose text does not match its schema. */
export class SchemaError extends EdgeDigitsError {}

/** An object that a release, a pinned address or a binding needs, and that the bucket does not have. */
export class MissingObjectError extends EdgeDigitsError {}

/** Bytes whose SHA-256 is not the one that the card or the catalog promised. */
export class DigestError extends EdgeDigitsError {}

/** Bytes with the right digest whose sizes contradict each other. */
export class WeightsError extends EdgeDigitsError {}

/** A release written by a later version of this software, or for another numeric scheme. */
export class UnsupportedReleaseError extends EdgeDigitsError {}

/** A model name that the catalog does not have. */
export class UnknownModelError extends EdgeDigitsError {}

/** A version that the catalog has never named. */
export class UnknownVersionError extends EdgeDigitsError {}

/** An image that cannot be read: not a PNG, damaged, or too large. */
export class ImageError extends EdgeDigitsError {}

/** A readable image in which nothing is drawn. */
export class EmptyImageError extends EdgeDigitsError {}

/** A readable image in which the ink cannot be distinguished from its ground. */
export class UnclearImageError extends EdgeDigitsError {}

/** An unclear image with a box that is empty, or that touches the ink. */
export class BoxedImageError extends UnclearImageError {}

/** A version that was published and then withdrawn: it will never be served again. */
export class WithdrawnError extends EdgeDigitsError {}

/** A bucket that failed or did not answer in time. */
export class BucketError extends EdgeDigitsError {}

/** An object above the size limit. */
export class OversizedError extends EdgeDigitsError {}
