// What a model's spec implies: its encoder and decoder, layer by layer, and their sizes.

import { SpecError } from "../errors.ts";
import { kindOf, latentDim } from "../latent/kind.ts";
import { type AnyPlannedLayer, type PlannedLayer, planLayers } from "./layers.ts";
import {
  activationOf,
  hasNoise,
  isOutputActivation,
  type ModelSpec,
  type OutputActivation,
  size,
  type WeightSpec,
} from "./spec.ts";

/**
 * The encoder with its heads; the output is a vector, see LatentKind.
 * @throws SpecError
 */
export function planEncoder(spec: ModelSpec): readonly PlannedLayer[] {
  const { heads, outputs } = kindOf(spec).encoder(spec);
  const plan = planLayers("encoder", [...spec.encoder, ...heads], spec.input);
  if (plan.at(-1)?.output.join() !== [1, 1, outputs].join()) {
    throw new SpecError(`the encoder ends in [${plan.at(-1)?.output}], expected a vector of ${outputs}`);
  }
  const noise = plan.find(({ layer }) => layer.kind === "noise");
  if (noise) throw new SpecError(`${noise.name}: noise belongs to the decoder`);
  const pixels = plan.find(({ layer }) => isOutputActivation(activationOf(layer)));
  if (pixels) {
    throw new SpecError(
      `${pixels.name}: ${activationOf(pixels.layer)} belongs to the decoder's last activation only`,
    );
  }
  return plan;
}

/**
 * The decoder; the output, before its last activation, is one logit per pixel.
 * @throws SpecError
 */
export function planDecoder(spec: ModelSpec): readonly PlannedLayer[] {
  const plan = planLayers("decoder", spec.decoder, [1, 1, latentDim(spec)]);
  const activated = plan.filter(({ layer }) => activationOf(layer));
  for (const planned of activated) {
    if (isOutputActivation(activationOf(planned.layer)) !== (planned === activated.at(-1))) {
      throw new SpecError(
        `${planned.name}: the decoder's last activation, and no other, is sigmoid or hardSigmoid`,
      );
    }
  }
  for (const [index, { layer, name }] of plan.entries()) {
    const next = plan[index + 1];
    if (layer.kind !== "noise" || (next && next.weights.length > 0)) continue;
    throw new SpecError(`${name}: noise comes right before a layer with weights`);
  }
  if (hasNoise(spec) && kindOf(spec).input !== "z") {
    throw new SpecError("noise belongs to latents that numbers tell, not codes");
  }
  const output = plan.at(-1)!.output;
  if (output.join() !== spec.input.join()) {
    throw new SpecError(`the decoder ends in [${output}], expected the input's shape [${spec.input}]`);
  }
  return plan;
}

/**
 * What makes pixels of a decoder's logits.
 * @throws SpecError
 */
export function outputActivation(spec: ModelSpec): OutputActivation {
  return planDecoder(spec)
    .map(({ layer }) => activationOf(layer))
    .findLast(isOutputActivation)!;
}

/** Number of trainable parameters of a planned stack. */
export function parameterCount(plan: readonly AnyPlannedLayer[]): number {
  return weightCount(plan.flatMap(({ weights }) => weights));
}

/** Number of elements of tensors. */
export function weightCount(weights: readonly WeightSpec[]): number {
  return weights.reduce((sum, { shape }) => sum + size(shape), 0);
}
