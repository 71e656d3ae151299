// The grid of codes that a model's latent is.

import { SpecError } from "../../errors.ts";
import type { ModelSpec } from "../../model/spec.ts";

export interface CodeGrid {
  readonly rows: number;
  readonly columns: number;
  /** Number of codes, K, and numbers of an embedding, D. */
  readonly size: number;
  readonly dim: number;
}

/**
 * The grid of a model with codes, which the decoder's first layer gives back its shape.
 * @throws SpecError when there is no such grid
 */
export function codeGrid({ latent, decoder: [first] }: ModelSpec): CodeGrid {
  if (latent.kind === "codes" && first?.kind === "reshape" && first.shape[2] === latent.codebook.dim) {
    const { size, dim } = latent.codebook;
    return { rows: first.shape[0], columns: first.shape[1], size, dim };
  }
  throw new SpecError("a decoder of codes begins with a reshape to [rows, columns, the codebook's dim]");
}
