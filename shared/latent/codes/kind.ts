// Grids of codes: a VQ-VAE (van den Oord et al. 2017, https://arxiv.org/abs/1711.00937) with a prior over its codes.

import { SpecError } from "../../errors.ts";
import type { ModelSpec } from "../../model/spec.ts";
import type { LatentKind } from "../latent-kind.ts";
import { codeGrid } from "./grid.ts";

export const codesKind: LatentKind = {
  dim: embeddingsDim,
  // One vector per cell, before quantization.
  encoder: (spec) => ({ heads: [], outputs: embeddingsDim(spec) }),
  resize: () => {
    throw new SpecError("the layers decide the size of a grid of codes; leave out the latent");
  },
};

/** The embeddings of all codes, [rows, columns, dim], flat. */
function embeddingsDim(spec: ModelSpec): number {
  const { rows, columns, dim } = codeGrid(spec);
  return rows * columns * dim;
}
