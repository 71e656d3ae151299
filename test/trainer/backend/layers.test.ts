import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { applyLayer, LAYER, type LayerOperation, runOperation } from "../../../trainer/backend/layers.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { expectSameOnBoth, random, withGradients } from "./on-both.ts";

type Activation = "relu" | "linear" | "sigmoid";

/** Makes a layer for an input, with weights that both backends draw alike. */
const LAYERS = {
  dense: {
    input: [5, 6],
    make: (activation: Activation) => tf.layers.dense({ units: 9, activation }),
  },
  conv2d: {
    input: [3, 7, 6, 5],
    make: (activation: Activation) =>
      tf.layers.conv2d({ filters: 9, kernelSize: 4, strides: 2, padding: "same", activation }),
  },
  "conv2d, valid": {
    input: [3, 7, 6, 5],
    make: (activation: Activation) => tf.layers.conv2d({ filters: 9, kernelSize: 3, activation }),
  },
  conv2dTranspose: {
    input: [3, 4, 5, 6],
    make: (activation: Activation) =>
      tf.layers.conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, padding: "same", activation }),
  },
  "dense without bias": {
    input: [5, 6],
    make: (activation: Activation) => tf.layers.dense({ units: 9, activation, useBias: false }),
  },
} as const;

describe("a layer on wasm, and its gradients, equal tfjs's on the cpu backend", () => {
  for (const [name, { input, make }] of Object.entries(LAYERS)) {
    for (const activation of ["relu", "linear", "sigmoid"] as const) {
      test(`${name}, ${activation}`, async () => {
        await expectSameOnBoth(() => {
          const layer = make(activation);
          layer.build([...input]);
          const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
          for (const [i, variable] of variables.entries()) variable.assign(random(variable.shape, 10 + i));
          const x = random([...input], 1);
          const { value, grads } = tf.variableGrads(() => {
            const y = applyLayer(layer, x);
            return tf.sum(tf.mul(y, random(y.shape, 3))) as tf.Scalar;
          }, variables);
          const byInput = withGradients((a) => applyLayer(layer, a!), [x]);
          const results = [value, ...variables.map((variable) => grads[variable.name]!), ...byInput];
          tf.dispose(variables);
          return results;
        });
      });
    }
  }
});

describe("an operation on variables, and its gradients, are those of tfjs on the cpu backend", () => {
  const shapes: Record<LayerOperation["kind"], { input: number[]; weights: number[]; bias: number }> = {
    dense: { input: [5, 6], weights: [6, 9], bias: 9 },
    conv2d: { input: [3, 7, 6, 5], weights: [3, 3, 5, 9], bias: 9 },
    conv2dTranspose: { input: [3, 4, 5, 6], weights: [4, 4, 3, 6], bias: 3 },
  };
  for (const kind of ["dense", "conv2d", "conv2dTranspose"] as const) {
    for (const slope of [1, 0.2, 0]) {
      test(`${kind}, slope ${slope}`, async () => {
        const { input, weights, bias } = shapes[kind];
        const operation = { kind, slope, strides: [2, 2] } as const;
        await expectSameOnBoth(() =>
          withGradients(
            (...[x, w, b]) => runOperation(operation, { x: x!, weights: w!, bias: b! }),
            [random(input, 1), random(weights, 2), random([bias], 3)],
          ),
        );
      });
    }
  }
});

test("what has a kernel is one operation forward", async () => {
  await selectBackend("wasm");
  const kernelsOf = async (activation: Activation) => {
    const { make, input } = LAYERS.conv2dTranspose;
    const layer = make(activation);
    layer.build([...input]);
    const x = random([...input], 1);
    const { kernelNames } = await tf.profile(() => applyLayer(layer, x));
    tf.dispose([x, layer.trainableWeights.map((weight) => weight.read())]);
    return kernelNames;
  };
  expect(await kernelsOf("relu")).toEqual([LAYER]);
  expect(await kernelsOf("sigmoid")).not.toContain(LAYER);
});
