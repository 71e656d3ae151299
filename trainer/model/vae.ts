// A ModelSpec as tfjs layers: an encoder to [mu, logVar] and a decoder from latent to logits.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, uniform } from "../../shared/arithmetic/random.ts";
import { type PlannedLayer, planDecoder, planEncoder } from "../../shared/model/plan.ts";
import { activationOf, type ModelSpec, size } from "../../shared/model/spec.ts";
import type { Weights } from "../../shared/model/weights.ts";
import type { Bottleneck, CreateBottleneck } from "./bottleneck.ts";

export interface Vae {
  readonly spec: ModelSpec;
  /** [batch, height, width, channels] to [batch, outputs]: 2 * latentDim heads, or latentDim numbers to quantize. */
  readonly encoder: tf.Sequential;
  /** [batch, latentDim] to logits, [batch, height, width, channels]. */
  readonly decoder: tf.Sequential;
  readonly bottleneck: Bottleneck;
  /** Every trainable tensor by its planned name, such as "decoder_0/kernel". */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  /** These, and what the bottleneck learns in its own way. */
  readonly learned: ReadonlyMap<string, tf.Variable>;
  readonly dispose: () => void;
}

/**
 * Builds the trainable model.
 * @param seed  of the initial weights, U(-1/sqrt(fanIn), 1/sqrt(fanIn)) for kernels and biases alike, which is
 *   what PyTorch starts its linear and convolutional layers with
 * @param createBottleneck  of the spec's kind of latent
 */
export function buildVae(spec: ModelSpec, seed: string, createBottleneck: CreateBottleneck): Vae {
  const plans = [planEncoder(spec), planDecoder(spec)] as const;
  const encoder = buildStack(plans[0], "logits", "encoder");
  const decoder = buildStack(plans[1], "logits", "decoder");
  const weights = [...encoder.trainableWeights, ...decoder.trainableWeights];
  // tfjs hands out a layer's tf.Variable as its value; the optimiser updates it in place.
  const values = weights.map((weight) => weight.read() as tf.Variable);
  const names = plans.flat().flatMap((planned) => planned.weights.map(({ name }) => name));
  const variables = new Map(names.map((name, i) => [name, values[i]!]));
  loadWeights(variables, initialWeights(plans.flat(), seed));
  const bottleneck = createBottleneck(spec, seed);
  return {
    spec,
    encoder,
    decoder,
    bottleneck,
    variables,
    learned: new Map([...variables, ...bottleneck.variables]),
    dispose: () => {
      encoder.dispose();
      decoder.dispose();
      bottleneck.dispose();
    },
  };
}

/**
 * A planned stack as a tfjs model.
 * @param output  "logits" leaves out the final sigmoid, "probabilities" keeps it
 */
export function buildStack(
  plan: readonly PlannedLayer[],
  output: "logits" | "probabilities",
  name: string,
): tf.Sequential {
  const [first] = plan;
  const isVector = first!.input[0] * first!.input[1] === 1;
  const inputShape = isVector ? [first!.input[2]] : [...first!.input];
  const layers = plan.map((planned) => buildLayer(planned, output));
  const input = tf.layers.inputLayer({ inputShape, name: `${name}_input` });
  return tf.sequential({ name, layers: [input, ...layers] });
}

/** Copies values into variables of the same names and sizes. */
export function loadWeights(variables: ReadonlyMap<string, tf.Variable>, weights: Weights): void {
  tf.tidy(() => {
    for (const [name, variable] of variables) variable.assign(tf.tensor(weights.get(name)!, variable.shape));
  });
}

/** Reads all variables back, float32. */
export async function readWeights(
  variables: ReadonlyMap<string, tf.Tensor>,
): Promise<Map<string, Float32Array>> {
  const entries = await Promise.all(
    [...variables].map(async ([name, tensor]) => [name, (await tensor.data()) as Float32Array] as const),
  );
  return new Map(entries.map(([name, values]) => [name, Float32Array.from(values)]));
}

function buildLayer({ layer, name }: PlannedLayer, output: "logits" | "probabilities"): tf.layers.Layer {
  const isLogits = output === "logits" && activationOf(layer) === "sigmoid";
  const activation = isLogits ? "linear" : activationOf(layer)!;
  switch (layer.kind) {
    case "dense":
      return tf.layers.dense({ name, units: layer.units, activation });
    case "flatten":
      return tf.layers.flatten({ name });
    case "reshape":
      return tf.layers.reshape({ name, targetShape: [...layer.shape] });
    case "conv2d":
    case "conv2dTranspose": {
      const { filters, kernel, stride } = layer;
      const config = {
        name,
        filters,
        kernelSize: kernel,
        strides: stride,
        padding: "same",
        activation,
      } as const;
      return layer.kind === "conv2d" ? tf.layers.conv2d(config) : tf.layers.conv2dTranspose(config);
    }
  }
}

function initialWeights(plan: readonly PlannedLayer[], seed: string): Weights {
  const next = createGenerator(`${seed}/weights`);
  const draw = (shape: readonly number[], bound: number) =>
    Float32Array.from({ length: size(shape) }, () => (2 * uniform(next) - 1) * bound);
  return new Map(
    plan.flatMap(({ weights }) => {
      // All axes of a kernel but its last, which is PyTorch's fan-in for transposed convolutions too.
      const fanIn = weights[0] ? size(weights[0].shape.slice(0, -1)) : 1;
      return weights.map(({ name, shape }) => [name, draw(shape, 1 / Math.sqrt(fanIn))] as const);
    }),
  );
}
