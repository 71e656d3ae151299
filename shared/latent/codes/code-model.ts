// A release's discrete latent, ready to use: its codebook, and its prior.

import { choose, type Generator, uniform } from "../../arithmetic/random.ts";
import { ArgumentError, WeightsError } from "../../errors.ts";
import type { ModelSpec } from "../../model/spec.ts";
import { dequantize, type StoredWeights, storedTensor } from "../../model/weights.ts";
import { MAX_TEMPERATURE, SHARE_TOLERANCE } from "../gaussian/mixture.ts";
import { checkGrid, embedCodes, nearestCodes } from "./codebook.ts";
import { createPrior } from "./prior.ts";
import { planPrior } from "./prior-plan.ts";

/** Arithmetic from seed to pixels of a model with codes; reference.ts defines it. */
export const CODES_SCHEME = "vq1";

export interface CodeModel {
  /** Of the grid. */
  readonly rows: number;
  readonly columns: number;
  /** Those that training had. */
  readonly digits: readonly number[];
  /**
   * Draws a grid of codes. The order of draws is part of scheme vq1: one uniform number for the digit by its share
   * (drawn, and not used, when a digit is given: so a seed keeps its hand from digit to digit), then one for each cell.
   * @param digit  0 to 9; by its share in the training images when left out
   * @param temperature  0 (always the likeliest code) to 2; 1 is the prior itself
   * @throws ArgumentError
   */
  readonly draw: (
    next: Generator,
    choice: { readonly digit?: number | undefined; readonly temperature: number },
  ) => { codes: Uint16Array; digit: number };
  /**
   * Codes [rows * columns] to the decoder's input, float32 [latentDim].
   * @throws ArgumentError
   */
  readonly embed: (codes: ArrayLike<number>) => Float32Array;
  /** An encoder's output, float32 [latentDim], to codes [rows * columns]. */
  readonly quantize: (outputs: Float32Array) => Uint16Array;
  /** -log p(codes | digit), nats. */
  readonly nats: (codes: ArrayLike<number>, digit: number) => number;
  /** Memory that it takes, about. */
  readonly bytes: number;
}

/**
 * @param module  build/decode-kernels.wasm, compiled
 * @param weights  as planPrior names them, quantized or not
 * @throws SpecError, WeightsError
 */
export function createCodeModel(
  module: WebAssembly.Module,
  spec: ModelSpec,
  weights: StoredWeights,
): CodeModel {
  const plan = planPrior(spec);
  const prior = createPrior(module, spec, weights);
  const embeddings = dequantize(storedTensor(weights, plan.codebook));
  const shares = [...dequantize(storedTensor(weights, plan.digits))];
  checkShares(shares);
  const { rows, columns, size, dim } = plan;
  const codebook = { size, dim, embeddings };
  return {
    rows,
    columns,
    digits: shares.flatMap((share, digit) => (share > 0 ? [digit] : [])),
    draw: (next, { digit, temperature }) => {
      const drawnDigit = choose(uniform(next), shares);
      const chosenDigit = digit ?? drawnDigit;
      if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
        throw new ArgumentError(`a temperature is 0 to ${MAX_TEMPERATURE}, found ${temperature}`);
      }
      if (shares[chosenDigit] === 0) throw new ArgumentError(`the model has learned no digit ${chosenDigit}`);
      return { codes: prior.draw(next, chosenDigit, temperature), digit: chosenDigit };
    },
    embed: (codes) => {
      checkGrid(codes, plan);
      return embedCodes(codes, codebook);
    },
    quantize: (outputs) => nearestCodes(outputs, codebook),
    nats: prior.nats,
    bytes: prior.bytes + embeddings.byteLength,
  };
}

/** Written so that NaN fails too. */
function checkShares(shares: readonly number[]): void {
  const sum = shares.reduce((total, share) => total + share, 0);
  if (!shares.every((share) => share >= 0) || !(Math.abs(sum - 1) <= SHARE_TOLERANCE)) {
    throw new WeightsError(`the digits' shares are ${shares.join(", ")}; they must sum to 1`);
  }
}
