// The prior as tfjs operations: all cells of a batch at once, where masks keep each from what comes after it. The same
// function as shared/latent/codes/prior-reference.ts computes cell by cell.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { type PlannedConvolution, planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { type ModelSpec, size } from "../../../shared/model/spec.ts";
import { conv2dPadded, gate } from "../../backend/ops.ts";
import { applyDropout, type Dropout } from "../../model/dropout.ts";
import { loadWeights } from "../../model/vae.ts";

/** Grids of codes, int [count, cells], flat, with the digit of each. */
export interface CodedImages {
  readonly codes: Uint16Array;
  readonly labels: Uint8Array;
}

export interface PriorNetwork {
  /** What gradients train, by planned name. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  /**
   * -log p(codes | digit), nats, summed over the batch.
   * @param dropout  of the gated channels
   */
  readonly loss: (batch: CodedImages, dropout?: Dropout) => tf.Scalar;
  readonly dispose: () => void;
}

export function buildPrior(spec: ModelSpec, seed: string): PriorNetwork {
  const plan = planPrior(spec);
  const specs = plan.weights.filter(({ name }) => name.startsWith("prior"));
  const variables = new Map(
    specs.map(({ name, shape }) => [name, tf.tidy(() => tf.variable(tf.zeros([...shape])))]),
  );
  loadWeights(
    variables,
    new Map(specs.map(({ name, shape }) => [name, initial(name, shape, `${seed}/prior/${name}`)])),
  );
  const get = ({ name }: { readonly name: string }) => variables.get(name)!;
  const cells = plan.rows * plan.columns;

  const convolve = (
    x: tf.Tensor2D,
    planned: PlannedConvolution,
    digits: Digits,
    dropout: Dropout | undefined,
  ): tf.Tensor2D => {
    const { layer, inputs, kernel, bias, mix, mixBias } = planned;
    const { channels, reach } = layer;
    const [height, width] = [reach + 1, 2 * reach + 1];
    // The taps fill a rectangle but for the last cells of its last row, which the mask leaves 0.
    const hidden = height * width - planned.taps.length;
    const filter = tf
      .concat([get(kernel), tf.zeros([hidden, inputs, 2 * channels])], 0)
      .reshape([height, width, inputs, 2 * channels]) as tf.Tensor4D;
    const images = tf.reshape(x, [-1, plan.rows, plan.columns, inputs]) as tf.Tensor4D;
    const pad: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [reach, 0],
      [reach, reach],
      [0, 0],
    ];
    const sums = tf.reshape(conv2dPadded(images, filter, pad), [-1, 2 * channels]) as tf.Tensor2D;
    const biases =
      bias.shape.length === 3
        ? tf.reshape(tf.matMul(digits.images, tf.reshape(get(bias), [CLASSES, -1])), [-1, 2 * channels])
        : tf.matMul(digits.cells, get(bias) as tf.Tensor2D);
    const gated = gate(tf.add(sums, biases));
    const kept = dropout?.rate
      ? applyDropout(gated, { ...dropout, seed: `${dropout.seed}/${kernel.name}` })
      : gated;
    const mixed = tf.add(tf.matMul(kept, get(mix) as tf.Tensor2D), get(mixBias)) as tf.Tensor2D;
    return layer.isResidual ? tf.add(mixed, x) : mixed;
  };

  return {
    variables,
    loss: ({ codes, labels }, dropout) => {
      const oneHot = oneHotRows(codes, plan.size);
      const digits = {
        images: oneHotRows(labels, CLASSES),
        cells: oneHotRows(
          Array.from(codes, (_, i) => labels[Math.floor(i / cells)]!),
          CLASSES,
        ),
      };
      const input = tf.matMul(oneHot, get(plan.embedding) as tf.Tensor2D) as tf.Tensor2D;
      const features = plan.layers.reduce((x, layer) => convolve(x, layer, digits, dropout), input);
      const logits = tf.add(
        tf.matMul(tf.relu(features), get(plan.output) as tf.Tensor2D),
        get(plan.outputBias),
      );
      return crossEntropy(logits as tf.Tensor2D, oneHot);
    },
    dispose: () => tf.dispose([...variables.values()]),
  };
}

/** One-hot digits: a row an image, and a row a cell. */
interface Digits {
  readonly images: tf.Tensor2D;
  readonly cells: tf.Tensor2D;
}

/** -sum log softmax(logits) at the targets; differentiable by the logits. */
function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const operation = tf.customGrad((x, save) => {
    const probabilities = tf.softmax(x as tf.Tensor2D);
    (save as tf.GradSaveFunc)([probabilities, targets]);
    const chosen = tf.sum(tf.mul(probabilities, targets), 1);
    return {
      value: tf.neg(tf.sum(tf.log(tf.maximum(chosen, 1e-30)))),
      gradFunc: (dy, saved) => tf.mul(dy, tf.sub(saved[0] as tf.Tensor, saved[1] as tf.Tensor)),
    };
  });
  return operation(logits) as tf.Scalar;
}

function oneHotRows(values: ArrayLike<number>, depth: number): tf.Tensor2D {
  const rows = new Float32Array(values.length * depth);
  for (let i = 0; i < values.length; i++) rows[i * depth + values[i]!] = 1;
  return tf.tensor2d(rows, [values.length, depth]);
}

/** N(0, 1 / fan-in) for products, 0 for biases, N(0, 1) for embeddings. */
function initial(name: string, shape: readonly number[], seed: string): Float32Array {
  const values = new Float32Array(size(shape));
  if (name.endsWith("bias")) return values;
  const scale = name.endsWith("embedding") ? 1 : 1 / Math.sqrt(size(shape.slice(0, -1)));
  return sampleNormal(createGenerator(seed), values).map((value) => value * scale);
}
