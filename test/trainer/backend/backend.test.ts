import type { EventEmitter } from "node:events";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createAdam } from "../../../trainer/backend/adam.ts";
import { bceWithLogits } from "../../../trainer/backend/ops.ts";
import { type BackendName, selectBackend } from "../../../trainer/backend/registry.ts";
import { BackendError } from "../../../trainer/errors.ts";
import { expectSameOnBoth, valuesOn } from "./on-both.ts";

const RATE = 1e-2;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

beforeAll(async () => {
  await selectBackend("wasm");
});

describe("a model of tf.layers", () => {
  const batch = 5;

  function convolutionalVae(seed: number): tf.Sequential {
    const conv = { kernelSize: 4, strides: 2, padding: "same" as const };
    const kernelInitializer = tf.initializers.glorotUniform({ seed });
    return tf.sequential({
      layers: [
        tf.layers.conv2d({
          ...conv,
          filters: 6,
          activation: "relu",
          inputShape: [12, 12, 1],
          kernelInitializer,
        }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, kernelInitializer }),
        tf.layers.dense({ units: 54, activation: "relu", kernelInitializer }),
        tf.layers.reshape({ targetShape: [3, 3, 6] }),
        tf.layers.conv2dTranspose({ ...conv, filters: 5, activation: "relu", kernelInitializer }),
        tf.layers.conv2dTranspose({ ...conv, filters: 1, kernelInitializer }),
      ],
    });
  }

  /** Losses of some training steps, then every weight. */
  function train(): tf.Tensor[] {
    const model = convolutionalVae(3);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const adam = createAdam(new Map(variables.map((v) => [v.name, v])), ADAM);
    const images = tf.randomUniform([batch, 12, 12, 1], 0, 1, "float32", 7);
    const losses: tf.Scalar[] = [];
    let before = 0;
    for (let step = 0; step < 4; step++) {
      const { value, grads } = tf.variableGrads(
        () => bceWithLogits(model.apply(images) as tf.Tensor, images),
        variables,
      );
      adam.step(grads, RATE);
      tf.dispose(grads);
      losses.push(value);
      if (step > 0) expect(tf.memory().numTensors).toBe(before + 1);
      before = tf.memory().numTensors;
    }
    const weights = variables.map((variable) => variable.clone());
    adam.dispose();
    model.dispose();
    return [...losses, ...weights];
  }

  test("trains to the same weights on wasm and on cpu", async () => {
    await expectSameOnBoth(train, 2e-3);
  });

  test("trains to the same bits every time", async () => {
    expect(await valuesOn("wasm", train)).toEqual(await valuesOn("wasm", train));
  });

  test("lowers the loss", async () => {
    const [first, , , last] = await valuesOn("wasm", train);
    expect(last![0]!).toBeLessThan(first![0]!);
  });
});

describe("selectBackend", () => {
  test("takes the best of those that auto may take", async () => {
    expect(await selectBackend("auto", ["cpu", "wasm"])).toBe("wasm");
    expect(tf.getBackend()).toBe("wasm");
  });

  test("leaves errors that nobody caught to whoever reports them", async () => {
    await selectBackend("wasm");
    const events: EventEmitter = process;
    for (const event of ["uncaughtException", "unhandledRejection"]) {
      for (const listener of events.listeners(event))
        expect(String(listener)).not.toMatch(/throw (ex|reason)/);
    }
  });

  test("refuses an unknown backend by name", async () => {
    await expect(selectBackend("abacus" as BackendName)).rejects.toThrow(BackendError);
    await expect(selectBackend("abacus" as BackendName)).rejects.toThrow(
      /"abacus" is none of auto, webgpu, tensorflow-gpu, tensorflow, wasm, cpu/,
    );
  });
});
