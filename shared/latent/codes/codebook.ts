// Between a grid of codes and the numbers that networks know: the nearest embedding of each cell, and back.

import { ArgumentError } from "../../errors.ts";
import type { CodeGrid } from "./grid.ts";

/** The embeddings of codes. */
export interface Codebook extends Pick<CodeGrid, "size" | "dim"> {
  /** float32 [size, dim] */
  readonly embeddings: Float32Array;
}

/**
 * The code of each vector: that of the nearest embedding, the first where several are as near. Distances are summed in
 * float64, dimension by dimension, so that every machine finds the same.
 * @param vectors  float32 [n, dim], flat, such as an encoder's output
 * @returns [n]
 * @throws ArgumentError when the numbers are no whole number of vectors
 */
export function nearestCodes(vectors: Float32Array, { size, dim, embeddings }: Codebook): Uint16Array {
  const count = vectors.length / dim;
  if (!Number.isInteger(count)) {
    throw new ArgumentError(`vectors have ${dim} numbers each; found ${vectors.length} numbers`);
  }
  const codes = new Uint16Array(count);
  for (let v = 0; v < count; v++) {
    let least = Infinity;
    for (let code = 0; code < size; code++) {
      let distance = 0;
      for (let d = 0; d < dim && distance < least; d++) {
        const difference = vectors[v * dim + d]! - embeddings[code * dim + d]!;
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        codes[v] = code;
      }
    }
  }
  return codes;
}

/**
 * The embeddings of codes, side by side: the decoder's input.
 * @param codes  [n], each below the codebook's size
 * @returns float32 [n * dim]
 */
export function embedCodes(codes: ArrayLike<number>, { dim, embeddings }: Codebook): Float32Array {
  const latent = new Float32Array(codes.length * dim);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    latent.set(embeddings.subarray(code * dim, (code + 1) * dim), i * dim);
  }
  return latent;
}

/**
 * Refuses what is not a grid of a model's codes.
 * @throws ArgumentError, naming the first code that the codebook does not have
 */
export function checkGrid(codes: ArrayLike<number>, { rows, columns, size }: CodeGrid): void {
  if (codes.length !== rows * columns) {
    throw new ArgumentError(`a grid has ${rows} x ${columns} codes; found ${codes.length}`);
  }
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (Number.isInteger(code) && code >= 0 && code < size) continue;
    throw new ArgumentError(`a code is a whole number from 0 to ${size - 1}; found ${code} at cell ${i}`);
  }
}
