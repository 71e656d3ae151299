// A ModelSpec as tfjs layers: an encoder to [mu, logVar] and a decoder from latent to logits.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, uniform } from "../../shared/arithmetic/random.ts";
import type { PlannedLayer } from "../../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../../shared/model/plan.ts";
import { activationOf, isOutputActivation, type ModelSpec, size } from "../../shared/model/spec.ts";
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
  /** Those, and what the bottleneck learns without gradients. */
  readonly learned: ReadonlyMap<string, tf.Variable>;
  readonly dispose: () => void;
}

/**
 * Builds the trainable model.
 * @param seed  of the initial weights, U(-1/sqrt(fanIn), 1/sqrt(fanIn)) for kernels and biases alike, as
 *   PyTorch initialises linear and convolutional layers
 * @param createBottleneck  of the spec's kind of latent
 */
export function buildVae(spec: ModelSpec, seed: string, createBottleneck: CreateBottleneck): Vae {
  const plan = [...planEncoder(spec), ...planDecoder(spec)];
  const encoder = buildStack(planEncoder(spec), "logits", "encoder");
  const decoder = buildStack(planDecoder(spec), "logits", "decoder");
  const variables = variablesOf(plan, encoder, decoder);
  loadWeights(
    variables,
    initialWeights(plan, seed, (fanIn) => 1 / Math.sqrt(fanIn)),
  );
  const bottleneck = createBottleneck(spec, seed);
  return {
    spec,
    encoder,
    decoder,
    bottleneck,
    variables,
    learned: new Map([...variables, ...(bottleneck.variables ?? [])]),
    dispose: () => {
      encoder.dispose();
      decoder.dispose();
      tf.dispose([...(bottleneck.variables?.values() ?? [])]);
    },
  };
}

/**
 * A planned stack as a tfjs model.
 * @param output  "logits" drops the activation that makes pixels of them
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

/** The trainable tensors of stacks by their planned names. */
export function variablesOf(
  plan: readonly PlannedLayer[],
  ...stacks: readonly tf.Sequential[]
): Map<string, tf.Variable> {
  const weights = stacks.flatMap((stack) => stack.trainableWeights);
  const names = plan.flatMap((planned) => planned.weights.map(({ name }) => name));
  // tfjs exposes a layer's tf.Variable as its value; the optimiser updates it in place.
  return new Map(names.map((name, i) => [name, weights[i]!.read() as tf.Variable]));
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
  const values = await Promise.all([...variables.values()].map((tensor) => tensor.data()));
  return new Map(Array.from(variables.keys(), (name, i) => [name, Float32Array.from(values[i]!)]));
}

function buildLayer({ layer, name }: PlannedLayer, output: "logits" | "probabilities"): tf.layers.Layer {
  const isLogits = output === "logits" && isOutputActivation(activationOf(layer));
  const activation = isLogits ? "linear" : activationOf(layer)!;
  switch (layer.kind) {
    case "dense":
      return tf.layers.dense({ name, units: layer.units, activation });
    case "flatten":
      return tf.layers.flatten({ name });
    case "reshape":
      return tf.layers.reshape({ name, targetShape: [...layer.shape] });
    case "noise":
      // Channels of zeros: the first stage and stock tfjs draw without noise. Under this name of the axes, channels are the last.
      return tf.layers.zeroPadding2d({
        name,
        padding: [
          [0, 0],
          [0, layer.planes],
        ],
        dataFormat: "channelsFirst",
      });
    case "conv2d":
    case "conv2dTranspose": {
      const { filters, kernel: kernelSize, stride: strides } = layer;
      const config = { name, filters, kernelSize, strides, padding: "same", activation } as const;
      return tf.layers[layer.kind](config);
    }
  }
}

/**
 * Draws initial weights from U(-bound, bound).
 * @param boundOf  of a tensor's fan-in and rank; biases have the fan-in of their layer and rank 1
 */
export function initialWeights(
  plan: readonly PlannedLayer[],
  seed: string,
  boundOf: (fanIn: number, rank: number) => number,
): Weights {
  const next = createGenerator(`${seed}/weights`);
  return new Map(
    plan.flatMap(({ weights }) => {
      // All axes of a kernel but its last, which is PyTorch's fan-in for transposed convolutions too.
      const fanIn = weights[0] ? size(weights[0].shape.slice(0, -1)) : 1;
      return weights.map(({ name, shape }) => {
        const bound = boundOf(fanIn, shape.length);
        const values = Float32Array.from({ length: size(shape) }, () => (2 * uniform(next) - 1) * bound);
        return [name, values] as const;
      });
    }),
  );
}
