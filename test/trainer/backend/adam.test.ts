import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createAdam } from "../../../trainer/backend/adam.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { RunError } from "../../../trainer/errors.ts";
import { readWeights } from "../../../trainer/model/vae.ts";
import { random } from "./on-both.ts";

const RATE = 1e-2;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

beforeAll(async () => {
  await selectBackend("wasm");
});

describe("Adam", () => {
  const gradient = (step: number) => random([5, 7], step);

  for (const backend of ["cpu", "wasm"] as const) {
    test(`on ${backend} takes the steps that tf.train.adam takes, and leaks no tensor`, async () => {
      await selectBackend(backend);
      const mine = tf.variable(random([5, 7], 50));
      const stock = tf.variable(random([5, 7], 50));
      const adam = createAdam(new Map([["w", mine]]), ADAM);
      const reference = tf.train.adam(RATE, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
      let before = 0;
      for (let step = 1; step <= 8; step++) {
        const g = gradient(step);
        adam.step({ [mine.name]: g }, RATE);
        reference.applyGradients([{ name: stock.name, tensor: g }]);
        g.dispose();
        if (step === 1) before = tf.memory().numTensors;
      }
      expect(tf.memory().numTensors).toBe(before);
      expect(tf.max(tf.abs(tf.sub(mine, stock))).dataSync()[0]).toBeLessThan(2e-6);
      adam.dispose();
    });
  }

  test("restored from its state continues as if it had never stopped", async () => {
    await selectBackend("wasm");
    const first = tf.variable(random([5, 7], 50));
    const adam = createAdam(new Map([["w", first]]), ADAM);
    for (const step of [1, 2, 3]) adam.step({ [first.name]: gradient(step) }, RATE);
    const second = tf.variable(first.clone());
    const resumed = createAdam(new Map([["w", second]]), ADAM);
    resumed.restore(adam.stepsDone(), await readWeights(adam.moments()));
    for (const step of [4, 5]) {
      adam.step({ [first.name]: gradient(step) }, RATE);
      resumed.step({ [second.name]: gradient(step) }, RATE);
    }
    expect(resumed.stepsDone()).toBe(5);
    expect(second.dataSync()).toEqual(first.dataSync());
  });

  test("never writes into a tensor that shares memory with a variable", async () => {
    await selectBackend("wasm");
    const w = tf.variable(tf.ones([4]));
    const kept = w.clone();
    createAdam(new Map([["w", w]]), ADAM).step({ [w.name]: tf.ones([4]) }, RATE);
    expect(Array.from(kept.dataSync())).toEqual([1, 1, 1, 1]);
    expect(w.dataSync()[0]).toBeLessThan(1);
  });

  test("on wasm lets no moment fade into subnormal numbers, which processors are slow at", async () => {
    await selectBackend("wasm");
    const w = tf.variable(random([5, 7], 50));
    const adam = createAdam(new Map([["w", w]]), { ...ADAM, beta2: 0.9 });
    adam.step({ [w.name]: gradient(1) }, RATE);
    const still = tf.zeros([5, 7]);
    for (let step = 0; step < 900; step++) adam.step({ [w.name]: still }, RATE);
    for (const moments of adam.moments().values()) expect([...moments.dataSync()]).toEqual(Array(35).fill(0));
  });

  test("refuses a variable without a gradient and a state of other variables", () => {
    const w = tf.variable(tf.ones([4]));
    const adam = createAdam(new Map([["w", w]]), ADAM);
    expect(() => adam.step({}, RATE)).toThrow(RunError);
    const values = new Map([["m/x", Float32Array.of(1, 1, 1, 1)]]);
    expect(() => adam.restore(1, values)).toThrow("expected 4 numbers of Adam's m/w, found 0");
  });
});
