// The plain executor of scheme f1 (latent.ts says what it is): the oracle of the kernels.

import { createGenerator, sampleNormal } from "../../arithmetic/random.ts";
import { runReference } from "../../decoder/reference.ts";
import type { Weights } from "../../model/weights.ts";
import { CLASSES, chooseDigit } from "../classes.ts";
import type { LatentChoice } from "../latent-kind.ts";
import { planFlow } from "./plan.ts";
import type { FlowSpec } from "./spec.ts";

const { fround } = Math;

/**
 * @param weights  as planFlow names them
 * @returns float32 [dim]
 */
export function referenceFlowDraw(
  spec: FlowSpec,
  weights: Weights,
  seed: string,
  { digit, temperature = 1, guidance = spec.flow.guidance }: LatentChoice,
): Float32Array {
  const next = createGenerator(seed);
  const shares = [...weights.get("digits")!];
  const chosen = chooseDigit(next, shares, { digit, temperature });
  const noise = sampleNormal(next, new Float32Array(spec.dim)).map((value) => temperature * value);
  const digits = Array.from({ length: CLASSES }, (_, i) => (i === chosen ? 1 : 0));
  return referenceFlow(spec, weights, noise, [...digits, guidance]);
}

/**
 * @param noise  float32 [dim]
 * @param condition  shares of the digits, then the guidance
 * @returns float32 [dim]
 */
export function referenceFlow(
  spec: FlowSpec,
  weights: Weights,
  noise: Float32Array,
  condition: readonly number[],
): Float32Array {
  const plan = planFlow(spec);
  const output = runReference(plan.flow, weights, Float32Array.of(...noise, ...condition));
  const [mean, deviation] = [plan.mean, plan.deviation].map(({ name }) => weights.get(name)!);
  return output.map((value, i) => fround(fround(fround(noise[i]! + value) * deviation![i]!) + mean![i]!));
}
