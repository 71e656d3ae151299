// A release's latent with a flow prior, ready to use, by scheme f1.
//
// f1 is s1 (shared/decoder/reference.ts) with another way from seed to latent; reference.ts is its plain executor:
//   - one uniform number chooses the digit by its share; it is drawn, and not used, when a digit is given (classes.ts);
//   - then comes a draw from N(0, 1) for each dimension, times the temperature, rounded to float32: the noise;
//   - the flow's input is [noise, one-hot digit, guidance] in float32; its layers are s1's, with silu;
//   - latent = (noise + output) * deviation + mean, rounded to float32 after each of the three.

import { createGenerator, sampleNormal } from "../../arithmetic/random.ts";
import { exp } from "../../arithmetic/transcendental.ts";
import { createNetwork } from "../../decoder/network.ts";
import { ArgumentError, WeightsError } from "../../errors.ts";
import { dequantize, type StoredWeights, storedTensor } from "../../model/weights.ts";
import { areShares, CLASSES, chooseDigit } from "../classes.ts";
import type { DrawRequest, LatentDraw, LatentPoint, OpenLatent } from "../latent-kind.ts";
import { type Spread, walkLatents } from "../walk.ts";
import { findPreimage } from "./invert.ts";
import { planFlow } from "./plan.ts";
import { type FlowSpec, MAX_GUIDANCE } from "./spec.ts";

/** Arithmetic from seed to pixels. */
export const FLOW_SCHEME = "f1";
const { fround } = Math;
/** Latents in one run of the flow: as many positions as fill the kernels' tiles. */
export const BATCH = 12;

/** What the flow makes a latent of. */
export interface FlowInput {
  /** float32 [dim] */
  readonly noise: Float32Array;
  /** The share of each digit, 1 for the one that is drawn, then the guidance: float32 [digits + 1]. */
  readonly condition: Float32Array;
}

export interface FlowDraw extends LatentDraw, FlowInput {
  readonly digit: number;
}

export interface FlowLatent extends OpenLatent {
  readonly draw: (...request: Parameters<OpenLatent["draw"]>) => FlowDraw;
  readonly drawAll: (requests: readonly DrawRequest[]) => FlowDraw[];
  readonly spread: Spread;
  /** Of the digits among the training images, [digits]. */
  readonly shares: readonly number[];
  /** The flow alone: latents, float32 [dim] each. */
  readonly latents: (inputs: readonly FlowInput[]) => Float32Array[];
  /** p(digit | latent), by digit. */
  readonly readDigit: (latent: Float32Array) => number[];
  readonly findNoise: (latent: Float32Array) => LatentPoint;
  readonly vary: (latent: Float32Array, steps: readonly Float32Array[]) => Float32Array[];
}

/**
 * @param module  build/decode-kernels.wasm, compiled
 * @param weights  as planFlow names them, quantized or not
 * @throws SpecError, WeightsError
 */
export function createFlowLatent(
  module: WebAssembly.Module,
  spec: FlowSpec,
  weights: StoredWeights,
): FlowLatent {
  const plan = planFlow(spec);
  const { dim } = spec;
  const flow = createNetwork(module, plan.flow, weights, BATCH);
  const reader = createNetwork(module, plan.reader, weights);
  const [mean, deviation, shareValues] = [plan.mean, plan.deviation, plan.shares].map((tensor) =>
    dequantize(storedTensor(weights, tensor)),
  ) as [Float32Array, Float32Array, Float32Array];
  const shares = [...shareValues];
  if (!areShares(shares)) {
    throw new WeightsError(`the digits' shares are ${shares.join(", ")}; they must sum to 1`);
  }

  const latents = (inputs: readonly FlowInput[]): Float32Array[] => {
    const width = dim + CLASSES + 1;
    const results: Float32Array[] = [];
    for (let start = 0; start < inputs.length; start += BATCH) {
      const batch = inputs.slice(start, start + BATCH);
      batch.forEach(({ noise, condition }, row) => {
        flow.input.set(noise, row * width);
        flow.input.set(condition, row * width + dim);
      });
      flow.run(batch.length);
      batch.forEach(({ noise }, row) => {
        const latent = new Float32Array(dim);
        for (let i = 0; i < dim; i++) {
          const moved = fround(noise[i]! + flow.output[row * dim + i]!);
          latent[i] = fround(moved * deviation[i]!) + mean[i]!;
        }
        results.push(latent);
      });
    }
    return results;
  };

  const drawAll = (requests: readonly DrawRequest[]): FlowDraw[] => {
    const inputs = requests.map(({ seed, digit, temperature = 1, guidance = spec.flow.guidance }) => {
      const next = createGenerator(seed);
      const chosen = chooseDigit(next, shares, { digit, temperature });
      const noise = sampleNormal(next, new Float32Array(dim));
      for (let i = 0; i < dim; i++) noise[i]! *= temperature;
      return { seed, digit: chosen, noise, condition: conditionOf(chosen, guidance) };
    });
    return latents(inputs).map((latent, i) => {
      const input = inputs[i]!;
      return { ...input, latent, numbers: { noise: input.noise, latent } };
    });
  };

  const readDigit = (latent: Float32Array) => {
    reader.input.set(latent);
    reader.run(1);
    return softmax(reader.output);
  };

  /** The input that draws the likeliest digit nearest to a latent, without guidance. */
  const invert = (latent: Float32Array): FlowInput => {
    const probabilities = readDigit(latent);
    const condition = conditionOf(probabilities.indexOf(Math.max(...probabilities)), 0);
    const inDeviations = (values: Float32Array) =>
      values.map((value, i) => (value - mean[i]!) / (deviation[i]! || 1));
    const map = (noises: readonly Float32Array[]) =>
      latents(noises.map((noise) => ({ noise, condition }))).map(inDeviations);
    return { noise: findPreimage(map, inDeviations(latent)), condition };
  };

  return {
    digits: shares.flatMap((share, digit) => (share > 0 ? [digit] : [])),
    draw: (seed, choice) => drawAll([{ ...choice, seed }])[0]!,
    drawAll,
    spread: { mean, deviation },
    shares,
    latents,
    // The path is that of the noise; a digit gives way to the next one evenly.
    walk: (draws, walk) => {
      const waypoints = draws as readonly FlowDraw[];
      const noises = waypoints.map(({ noise }) => noise);
      const conditions = waypoints.map(({ condition }) => condition);
      const mixed = walkLatents(conditions, { ...walk, path: "lerp" });
      const inputs = walkLatents(noises, walk).map((noise, i) => ({ noise, condition: mixed[i]! }));
      return latents(inputs).map((latent, i) => {
        return { latent, numbers: { noise: inputs[i]!.noise, latent } };
      });
    },
    // q(z | x) = N(mu, exp(logVar)), whose mean is its best latent.
    encode: (outputs) => {
      const [mu, logVar] = [outputs.slice(0, dim), outputs.slice(dim)];
      return { latent: mu, numbers: { mu, logVar } };
    },
    readDigit,
    findNoise: (latent) => {
      const { noise, condition } = invert(latent);
      return { latent: latents([{ noise, condition }])[0]!, numbers: { noise } };
    },
    // What the way back misses is added again.
    vary: (latent, steps) => {
      const { noise, condition } = invert(latent);
      const noises = [noise, ...steps.map((step) => noise.map((value, i) => value + step[i]!))];
      const [found, ...varied] = latents(noises.map((one) => ({ noise: one, condition })));
      return varied.map((values) => values.map((value, i) => value + (latent[i]! - found![i]!)));
    },
    nearest: (latent) => ({ latent, values: latent }),
    decode: (values) => Float32Array.from(values),
    bytes: flow.input.buffer.byteLength + reader.input.buffer.byteLength,
  };
}

/** @throws ArgumentError for a guidance that is not 0 to MAX_GUIDANCE */
function conditionOf(digit: number, guidance: number): Float32Array {
  if (!(guidance >= 0 && guidance <= MAX_GUIDANCE)) {
    throw new ArgumentError(`guidance is 0 to ${MAX_GUIDANCE}, found ${guidance}`);
  }
  const condition = new Float32Array(CLASSES + 1);
  condition[digit] = 1;
  condition[CLASSES] = guidance;
  return condition;
}

function softmax(scores: Float32Array): number[] {
  const best = Math.max(...scores);
  const weights = Array.from(scores, (score) => exp(score - best));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
