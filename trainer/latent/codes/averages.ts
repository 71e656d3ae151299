// The codebook in training: it follows the encoder by moving averages (van den Oord et al. 2017, appendix A.1), and a code
// that nothing is near to starts again at an encoder's output (Dhariwal et al. 2020, https://arxiv.org/abs/2005.00341,
// section 3.1), the likelier the further it is from its own code (Arthur & Vassilvitskii 2007): most outputs are those of
// the empty background.

import { type Generator, uniform } from "../../../shared/arithmetic/random.ts";

/** Share of the averages that a step keeps. */
export const DECAY = 0.99;
/** A code whose average falls below this share of the mean starts again. */
const DEAD_SHARE = 0.02;
/** What it starts again with: so little that it soon follows those who come, and is dead again after 90 steps alone. */
const START_SHARE = 0.05;

/** The codebook and its moving averages, row-major: what a checkpoint keeps. */
export interface CodebookAverages {
  /** float32 [size, dim] */
  readonly embeddings: Float32Array;
  /** Vectors per step that each code stands for, float32 [size]; all 0 before the first step. */
  readonly counts: Float32Array;
  /** Their sums, float32 [size, dim]. */
  readonly sums: Float32Array;
}

/**
 * One step of the moving averages: embedding = sum / count of the vectors that were nearest.
 * @param codebook  changed in place
 * @param vectors  float32 [n, dim], and the code of each
 * @param next  chooses the vectors at which dead codes start again
 * @returns how many did
 */
export function followVectors(
  { embeddings, counts, sums }: CodebookAverages,
  vectors: Float32Array,
  codes: ArrayLike<number>,
  next: Generator,
): number {
  const dim = embeddings.length / counts.length;
  const chooseFar = farVectors({ embeddings, counts, sums }, vectors, codes, next);
  const isFirst = counts.every((count) => count === 0);
  const decay = isFirst ? 0 : DECAY;
  for (let i = 0; i < counts.length; i++) counts[i]! *= decay;
  for (let i = 0; i < sums.length; i++) sums[i]! *= decay;
  for (let v = 0; v < codes.length; v++) {
    const code = codes[v]!;
    counts[code]! += 1 - decay;
    for (let d = 0; d < dim; d++) sums[code * dim + d]! += (1 - decay) * vectors[v * dim + d]!;
  }
  const mean = codes.length / counts.length;
  let restarts = 0;
  for (let code = 0; code < counts.length; code++) {
    if (!(counts[code]! >= DEAD_SHARE * mean)) {
      const from = chooseFar() * dim;
      counts[code] = START_SHARE * mean;
      for (let d = 0; d < dim; d++) sums[code * dim + d] = START_SHARE * mean * vectors[from + d]!;
      restarts += 1;
    }
    for (let d = 0; d < dim; d++) embeddings[code * dim + d] = sums[code * dim + d]! / counts[code]!;
  }
  return restarts;
}

/** Draws vectors in proportion to their squared distance from their codes. */
function farVectors(
  { embeddings, counts }: CodebookAverages,
  vectors: Float32Array,
  codes: ArrayLike<number>,
  next: Generator,
): () => number {
  const dim = embeddings.length / counts.length;
  const cumulative = new Float64Array(codes.length);
  let total = 0;
  for (let v = 0; v < codes.length; v++) {
    for (let d = 0; d < dim; d++) total += (vectors[v * dim + d]! - embeddings[codes[v]! * dim + d]!) ** 2;
    cumulative[v] = total;
  }
  return () => {
    const target = uniform(next) * total;
    return Math.max(
      0,
      cumulative.findIndex((sum) => sum > target),
    );
  };
}

/** A number that differs from step to step and is the same in a resumed run. */
export function checksum({ counts }: CodebookAverages): string {
  return counts.reduce((sum, count, i) => sum + count * (i + 1), 0).toString();
}
