// The plain executor of a prior: it *defines* the arithmetic of scheme vq1, and stays as the oracle of the kernels. It
// computes every cell again for every question, so it takes seconds where prior.ts takes a millisecond.
//
// vq1 is s1 (shared/decoder/reference.ts) with another way from seed to latent. All numbers are float32, every product is
// rounded, then every sum:
//   - a sum starts at its bias; then come its terms, tap by tap in reading order (cells outside the grid are left out),
//     in each channel by channel, ascending;
//   - sigmoid(x) = 1 / (1 + exp(-x)) and tanh(x) = 2 * sigmoid(2 * x) - 1, with s1's exp; relu(x) is x > 0 ? x : 0;
//   - a layer's output is mix-bias + the gated channels times mix, then + its input where it is residual;
//   - a code's weight is exp((score - the greatest score) * float32(1 / temperature)); it is chosen where the float64 sum
//     of the weights so far exceeds u times their float64 sum. Temperature 0 takes the first of the greatest scores.

import { expFloat32, sigmoidFloat32 } from "../../arithmetic/transcendental.ts";
import type { ModelSpec, WeightSpec } from "../../model/spec.ts";
import type { Weights } from "../../model/weights.ts";
import { type PlannedConvolution, type PriorPlan, planPrior } from "./prior-plan.ts";

const { fround } = Math;

/**
 * The scores of all codes at every cell, given the codes of the cells before it.
 * @param codes  [cells]
 * @param digit  0 to 9
 * @returns by cell, float32 [size]
 */
export function referenceScores(
  spec: ModelSpec,
  weights: Weights,
  codes: ArrayLike<number>,
  digit: number,
): Float32Array[] {
  const plan = planPrior(spec);
  const embedding = valuesOf(weights, plan.embedding);
  const { width } = plan;
  let cells: Float32Array[] = Array.from(codes, (code) => embedding.slice(code * width, (code + 1) * width));
  for (const layer of plan.layers) {
    cells = cells.map((_, cell) => convolveCell(plan, layer, weights, cells, cell, digit));
  }
  return cells.map((features) => {
    const scores = valuesOf(weights, plan.outputBias).slice();
    addProduct(scores, features.map(relu), valuesOf(weights, plan.output), 0);
    return scores;
  });
}

/**
 * The code that a share chooses.
 * @param scores  float32 [size]
 * @param share  uniform in (0, 1)
 * @param temperature  0 or more
 */
export function referencePick(scores: Float32Array, share: number, temperature: number): number {
  const greatest = scores.reduce((a, b) => (b > a ? b : a));
  if (temperature === 0) return scores.indexOf(greatest);
  const sharpness = fround(1 / temperature);
  const weights = scores.map((score) => expFloat32(fround(fround(score - greatest) * sharpness)));
  const target = share * weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const chosen = weights.findIndex((weight) => {
    sum += weight;
    return sum > target;
  });
  return chosen >= 0 ? chosen : weights.findLastIndex((weight) => weight > 0);
}

function convolveCell(
  plan: PriorPlan,
  { layer, taps, kernel, bias, mix, mixBias }: PlannedConvolution,
  weights: Weights,
  cells: readonly Float32Array[],
  cell: number,
  digit: number,
): Float32Array {
  const { channels } = layer;
  const places = bias.shape.length === 3 ? plan.rows * plan.columns : 1;
  const from = (digit * places + (places > 1 ? cell : 0)) * 2 * channels;
  const sums = valuesOf(weights, bias).slice(from, from + 2 * channels);
  const [row, column] = [Math.floor(cell / plan.columns), cell % plan.columns];
  taps.forEach((tap, index) => {
    const [y, x] = [row + tap.rows, column + tap.columns];
    if (y < 0 || x < 0 || x >= plan.columns) return;
    addProduct(sums, cells[y * plan.columns + x]!, valuesOf(weights, kernel), index);
  });
  const gated = sums.slice(0, channels).map((a, i) => {
    const tanh = fround(fround(2 * sigmoidFloat32(fround(2 * a))) - 1);
    return fround(tanh * sigmoidFloat32(sums[channels + i]!));
  });
  const output = valuesOf(weights, mixBias).slice();
  addProduct(output, gated, valuesOf(weights, mix), 0);
  return layer.isResidual ? output.map((value, i) => fround(value + cells[cell]![i]!)) : output;
}

/** sums [outputs] += x [inputs] times the matrix [inputs, outputs] at an index. */
function addProduct(sums: Float32Array, x: Float32Array, matrices: Float32Array, index: number): void {
  const from = index * x.length * sums.length;
  for (let i = 0; i < x.length; i++) {
    for (let o = 0; o < sums.length; o++) {
      sums[o]! += fround(x[i]! * matrices[from + i * sums.length + o]!);
    }
  }
}

function relu(value: number): number {
  return value > 0 ? value : 0;
}

function valuesOf(weights: Weights, { name }: WeightSpec): Float32Array {
  return weights.get(name)!;
}
