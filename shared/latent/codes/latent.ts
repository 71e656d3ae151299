// A release's discrete latent, ready to use: its codebook, and its prior.

import { createGenerator } from "../../arithmetic/random.ts";
import { WeightsError } from "../../errors.ts";
import type { ModelSpec } from "../../model/spec.ts";
import { dequantize, type StoredWeights, storedTensor } from "../../model/weights.ts";
import { areShares, chooseDigit } from "../classes.ts";
import type { DrawRequest, LatentChoice, LatentDraw, LatentPoint, OpenLatent } from "../latent-kind.ts";
import { walkLatents } from "../walk.ts";
import { checkGrid, embedCodes, nearestCodes } from "./codebook.ts";
import type { CodeGrid } from "./grid.ts";
import { createPrior } from "./prior.ts";
import { planPrior } from "./prior-plan.ts";

interface CodesPoint extends LatentPoint {
  /** [rows * columns] */
  readonly values: Uint16Array;
}

export interface CodesLatent extends OpenLatent {
  readonly grid: CodeGrid;
  /** Of the digits among the training images, [digits]. */
  readonly shares: readonly number[];
  /**
   * Draws a grid of codes. The order of draws is part of scheme vq1: that of chooseDigit, then one uniform number for each
   * cell. Temperature 0 always takes the likeliest code; 1 is the prior itself.
   * @throws SeedError, ArgumentError
   */
  readonly draw: (seed: string, choice: LatentChoice) => LatentDraw & CodesPoint & { readonly digit: number };
  readonly encode: (outputs: Float32Array) => CodesPoint;
  /** -log p(codes | digit), nats. */
  readonly nats: (codes: ArrayLike<number>, digit: number) => number;
}

/**
 * @param module  build/decode-kernels.wasm, compiled
 * @param weights  as planPrior names them, quantized or not
 * @throws SpecError, WeightsError
 */
export function createCodesLatent(
  module: WebAssembly.Module,
  spec: ModelSpec,
  weights: StoredWeights,
): CodesLatent {
  const plan = planPrior(spec);
  const prior = createPrior(module, spec, weights);
  const embeddings = dequantize(storedTensor(weights, plan.codebook));
  const shares = [...dequantize(storedTensor(weights, plan.digits))];
  if (!areShares(shares)) {
    throw new WeightsError(`the digits' shares are ${shares.join(", ")}; they must sum to 1`);
  }
  const codebook = { ...plan, embeddings };
  const pointOf = (codes: Uint16Array) => {
    return { latent: embedCodes(codes, codebook), numbers: { codes }, values: codes };
  };
  const nearest = (latent: Float32Array) => pointOf(nearestCodes(latent, codebook));
  const drawAll = (requests: readonly DrawRequest[]) => {
    const choices = requests.map(({ seed, digit, temperature = 1 }) => {
      const next = createGenerator(seed);
      return { next, digit: chooseDigit(next, shares, { digit, temperature }), temperature };
    });
    return prior.draw(choices).map((codes, i) => {
      return { seed: requests[i]!.seed, digit: choices[i]!.digit, ...pointOf(codes) };
    });
  };
  return {
    grid: plan,
    shares,
    digits: shares.flatMap((share, digit) => (share > 0 ? [digit] : [])),
    draw: (seed, choice) => drawAll([{ ...choice, seed }])[0]!,
    drawAll,
    // The space of embeddings has no arcs, and what lies between two grids of codes is no grid of codes.
    walk: (draws, walk) => {
      const waypoints = draws.map(({ latent }) => latent);
      return walkLatents(waypoints, { ...walk, path: "lerp" }).map((latent) => ({ latent, numbers: {} }));
    },
    encode: nearest,
    nearest,
    decode: (codes) => {
      checkGrid(codes, plan);
      return embedCodes(codes, codebook);
    },
    nats: prior.nats,
    bytes: prior.bytes + embeddings.byteLength,
  };
}
