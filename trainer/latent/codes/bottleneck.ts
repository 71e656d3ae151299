// Vector quantization with a straight-through gradient (van den Oord et al. 2017, https://arxiv.org/abs/1711.00937) as a
// bottleneck of tfjs operations. The codebook itself is no variable that gradients train: see averages.ts.

import * as tf from "@tensorflow/tfjs";
import { createGenerator } from "../../../shared/arithmetic/random.ts";
import { codeGrid } from "../../../shared/latent/codes/grid.ts";
import { type ModelSpec, size } from "../../../shared/model/spec.ts";
import type { Bottleneck } from "../../model/bottleneck.ts";
import { type CodebookAverages, checksum, followVectors } from "./averages.ts";

/** Weight of the commitment beside the reconstruction in nats: van den Oord et al.'s. */
const COMMITMENT = 0.25;
/** Names of the codebook's tensors in a checkpoint. */
export const CODEBOOK_TENSORS = { embeddings: "codebook", counts: "codebook/counts", sums: "codebook/sums" };

/** The bottleneck of a model with codes. */
export function createQuantizer(spec: ModelSpec, seed: string): Bottleneck {
  const { rows, columns, size: count, dim } = codeGrid(spec);
  const cells = rows * columns;
  const variable = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
  const variables = new Map([
    [CODEBOOK_TENSORS.embeddings, variable([count, dim])],
    [CODEBOOK_TENSORS.counts, variable([count])],
    [CODEBOOK_TENSORS.sums, variable([count, dim])],
  ]);
  const embeddings = variables.get(CODEBOOK_TENSORS.embeddings)! as tf.Variable<tf.Rank.R2>;
  /** A vector and its code for each cell, in training. */
  let seen: Float32Array = new Float32Array(0);
  let use = { commitment: 0, images: 0, counts: new Float64Array(count) };

  /** The vectors' codes, from copies of both, so that no gradient is looked for. */
  const quantize = (outputs: tf.Tensor2D) => {
    const values = Float32Array.from(outputs.dataSync());
    const codes = tf.tidy(() => {
      const norms = tf.sum(tf.square(embeddings), 1);
      const products = tf.matMul(tf.tensor2d(values, [values.length / dim, dim]), embeddings, false, true);
      return tf.argMin(tf.sub(norms, tf.mul(2, products)), 1).dataSync() as Int32Array;
    });
    const table = embeddings.dataSync() as Float32Array;
    const chosen = new Float32Array(values.length);
    for (const [at, code] of codes.entries()) {
      chosen.set(table.subarray(code * dim, (code + 1) * dim), at * dim);
    }
    return {
      vectors: values,
      codes,
      chosen: tf.tensor2d(chosen, [values.length / (cells * dim), cells * dim]),
    };
  };
  const record = (commitment: number, codes: Int32Array) => {
    use.commitment += commitment;
    use.images += codes.length / cells;
    for (const code of codes) use.counts[code]! += 1;
  };
  const write = (codebook: CodebookAverages) =>
    tf.tidy(() => {
      for (const key of ["embeddings", "counts", "sums"] as const) {
        const target = variables.get(CODEBOOK_TENSORS[key])!;
        target.assign(tf.tensor(codebook[key], target.shape));
      }
    });
  const readCodebook = (): CodebookAverages => {
    const read = (name: string) => Float32Array.from(variables.get(name)!.dataSync());
    return {
      embeddings: read(CODEBOOK_TENSORS.embeddings),
      counts: read(CODEBOOK_TENSORS.counts),
      sums: read(CODEBOOK_TENSORS.sums),
    };
  };
  /** Every code starts at some output of the encoder. */
  const start = (outputs: tf.Tensor2D) => {
    if (!isUntouched(variables)) return;
    const vectors = outputs.dataSync() as Float32Array;
    const next = createGenerator(`${seed}/codebook`);
    const rows = Array.from({ length: count }, () => (next() % (vectors.length / dim)) * dim);
    const values = Float32Array.from(rows.flatMap((row) => [...vectors.subarray(row, row + dim)]));
    write({
      embeddings: values,
      counts: new Float32Array(count),
      sums: new Float32Array(size([count, dim])),
    });
  };

  return {
    noiseDim: 0,
    forward: (outputs, _noise, _digits, isTraining) => {
      const { vectors, codes, chosen } = quantize(outputs);
      const squared = tf.sum(tf.square(tf.sub(outputs, chosen))) as tf.Scalar;
      record(squared.dataSync()[0]!, codes);
      if (isTraining) seen = joinCodes(vectors, codes);
      return {
        latent: straightThrough(outputs, chosen),
        kl: tf.scalar(codes.length * Math.log(count)),
        penalty: tf.mul(COMMITMENT, squared) as tf.Scalar,
      };
    },
    encodeMean: (outputs) => quantize(outputs).chosen,
    variables,
    start,
    seenPerImage: cells * (dim + 1),
    drainSeen: () => seen,
    afterStep: (rows) => {
      const codebook = readCodebook();
      const { vectors, codes } = splitCodes(rows, dim);
      const next = createGenerator(`${seed}/restart/${checksum(codebook)}`);
      followVectors(codebook, vectors, codes, next);
      write(codebook);
    },
    drainRecord: () => {
      const { commitment, images, counts } = use;
      use = { commitment: 0, images: 0, counts: new Float64Array(count) };
      const used = counts.filter((n) => n > 0).length;
      return { codes: { commitment: commitment / images, perplexity: perplexityOf(counts), used } };
    },
  };
}

/** Rows [vector, code]. */
function joinCodes(vectors: Float32Array, codes: Int32Array): Float32Array {
  const dim = vectors.length / codes.length;
  const rows = new Float32Array(vectors.length + codes.length);
  for (const [i, code] of codes.entries()) {
    rows.set(vectors.subarray(i * dim, (i + 1) * dim), i * (dim + 1));
    rows[i * (dim + 1) + dim] = code;
  }
  return rows;
}

function splitCodes(rows: Float32Array, dim: number) {
  const codes = Int32Array.from({ length: rows.length / (dim + 1) }, (_, i) => rows[i * (dim + 1) + dim]!);
  const vectors = rows.filter((_, i) => i % (dim + 1) < dim);
  return { vectors, codes };
}

/** exp of the entropy of counts. */
export function perplexityOf(counts: Float64Array): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  return Math.exp(counts.reduce((sum, n) => (n > 0 ? sum - (n / total) * Math.log(n / total) : sum), 0));
}

/** The chosen embeddings, whose gradient goes to the outputs as it is. */
function straightThrough(outputs: tf.Tensor2D, chosen: tf.Tensor2D): tf.Tensor2D {
  const operation = tf.customGrad(() => ({ value: chosen.clone(), gradFunc: (dy: tf.Tensor) => dy }));
  return operation(outputs) as tf.Tensor2D;
}

function isUntouched(variables: ReadonlyMap<string, tf.Variable>): boolean {
  return variables
    .get(CODEBOOK_TENSORS.counts)!
    .dataSync()
    .every((count) => count === 0);
}
