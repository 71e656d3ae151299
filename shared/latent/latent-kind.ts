// What differs between kinds of latent, for all who read models. A kind is a folder here with a schema and an object that
// satisfies LatentKind; kind.ts says which one a model has, and nobody else asks.

import type { Layer, ModelSpec } from "../model/spec.ts";

export interface LatentKind {
  /** Numbers that the decoder takes. @throws SpecError */
  readonly dim: (spec: ModelSpec) => number;
  /** Layers that follow the spec's encoder, and the numbers that come out of them. */
  readonly encoder: (spec: ModelSpec) => { readonly heads: readonly Layer[]; readonly outputs: number };
  /** The spec with another number of latent dimensions. @throws SpecError where the layers decide it */
  readonly resize: (spec: ModelSpec, dim: number) => ModelSpec;
}
