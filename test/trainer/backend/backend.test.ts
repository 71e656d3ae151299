import type { EventEmitter } from "node:events";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createAdam } from "../../../trainer/backend/adam.ts";
import { bceWithLogits, leakyRelu } from "../../../trainer/backend/ops.ts";
import { type BackendName, selectBackend } from "../../../trainer/backend/registry.ts";
import { BackendError, RunError } from "../../../trainer/errors.ts";
import { readWeights } from "../../../trainer/model/vae.ts";

const RATE = 1e-2;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

beforeAll(async () => {
  await selectBackend("wasm");
});

/** Runs a computation on one backend and hands back the values of its tensors. */
async function valuesOn(backend: BackendName, compute: () => tf.Tensor[]): Promise<number[][]> {
  await selectBackend(backend);
  const tensors = tf.tidy(compute);
  const values = tensors.map((tensor) => Array.from(tensor.dataSync()));
  tf.dispose(tensors);
  return values;
}

/** Asserts that wasm computes what cpu computes, to `tolerance` of the largest value, and leaks no tensor. */
async function expectSameOnBoth(compute: () => tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = await valuesOn("cpu", compute);
  await selectBackend("wasm");
  const before = tf.memory().numTensors;
  const found = await valuesOn("wasm", compute);
  expect(tf.memory().numTensors).toBe(before);
  expect(found.map((values) => values.length)).toEqual(expected.map((values) => values.length));
  for (const [i, values] of expected.entries()) {
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
    const worst = values.reduce((most, value, at) => Math.max(most, Math.abs(value - found[i]![at]!)), 0);
    expect(worst / scale, `result ${i}`).toBeLessThan(tolerance);
    expect(found[i]!.every(Number.isFinite)).toBe(true);
  }
}

function random(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, "float32", seed);
}

/** The value of `f` at the inputs and its gradient by each, under a random upstream gradient. */
function withGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const value = f(...inputs);
  return [value, ...tf.grads(f)(inputs, random(value.shape, 99))];
}

describe("matrix products on wasm equal the cpu backend's", () => {
  const sizes = [
    [1, 1, 1],
    [6, 8, 4],
    [7, 9, 5],
    [128, 2, 400],
    [128, 400, 2],
    [13, 32, 300],
    [125, 31, 257],
    [3, 1030, 17],
  ] as const;
  const transpositions = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;
  for (const [rows, columns, depth] of sizes) {
    for (const [transposeA, transposeB] of transpositions) {
      test(`${rows}x${depth} by ${depth}x${columns}, transposed: ${transposeA}, ${transposeB}`, async () => {
        await expectSameOnBoth(() => {
          const a = random(transposeA ? [depth, rows] : [rows, depth], 1);
          const b = random(transposeB ? [columns, depth] : [depth, columns], 2);
          return withGradients((x, y) => tf.matMul(x!, y!, transposeA, transposeB), [a, b]);
        });
      });
    }
  }

  for (const [transposeA, transposeB] of transpositions) {
    test(`of images that are mostly paper, some of them empty, transposed: ${transposeA}, ${transposeB}`, async () => {
      await expectSameOnBoth(() => {
        const [rows, columns, depth] = [70, 19, 300];
        // Whole tiles of zeros, steps that are zero for all rows of a tile, and single ones.
        const isInk = (row: number, k: number) => row % 16 > 5 && k % 40 > 24 && (row * k) % 3 > 0;
        const ink = Array.from({ length: rows }, (_, row) =>
          Array.from({ length: depth }, (_, k) => (isInk(row, k) ? Math.sin(row + 7 * k) : 0)),
        );
        const images = tf.tensor2d(ink);
        const a = transposeA ? tf.transpose(images) : images;
        const b = random(transposeB ? [columns, depth] : [depth, columns], 2);
        return withGradients((x, y) => tf.matMul(x!, y!, transposeA, transposeB), [a, b]);
      });
    });
  }

  test("in batches, and with a batch that is broadcast", async () => {
    await expectSameOnBoth(() => [
      tf.matMul(random([3, 5, 7], 1), random([3, 7, 9], 2)),
      tf.matMul(random([3, 5, 7], 1), random([1, 7, 9], 2)),
      tf.matMul(random([2, 3, 7, 5], 1), random([2, 3, 9, 7], 2), true, true),
    ]);
  });

  test("fused with a bias and an activation", async () => {
    for (const activation of ["linear", "relu", "sigmoid"] as const) {
      await expectSameOnBoth(() => [
        tf.fused.matMul({ a: random([5, 7], 1), b: random([7, 9], 2), bias: random([9], 3), activation }),
      ]);
    }
  });
});

describe("convolutions on wasm, and their gradients, equal the cpu backend's", () => {
  for (const kernel of [1, 3, 4, 5]) {
    for (const stride of [1, 2]) {
      for (const pad of ["same", "valid"] as const) {
        test(`kernel ${kernel}, stride ${stride}, ${pad}`, async () => {
          for (const [size, channels, filters] of [
            [9, 1, 5],
            [8, 3, 1],
            [7, 32, 3],
          ] as const) {
            await expectSameOnBoth(() => {
              const x = random([3, size, size + 1, channels], 1);
              const filter = random([kernel, kernel, channels, filters], 2);
              const f = (a?: tf.Tensor, b?: tf.Tensor) =>
                tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad);
              return withGradients(f, [x, filter]);
            });
          }
        });

        test(`transposed: kernel ${kernel}, stride ${stride}, ${pad}`, async () => {
          const [size, channels, filters] = [5, 6, 3];
          const out = pad === "same" ? size * stride : (size - 1) * stride + kernel;
          await expectSameOnBoth(() => {
            const x = random([2, size, size, channels], 1);
            const filter = random([kernel, kernel, filters, channels], 2);
            const f = (a?: tf.Tensor, b?: tf.Tensor) =>
              tf.conv2dTranspose(a as tf.Tensor4D, b as tf.Tensor4D, [2, out, out, filters], stride, pad);
            return withGradients(f, [x, filter]);
          });
        });
      }
    }
  }

  test("over more images than fit the scratch memory at once", async () => {
    await expectSameOnBoth(() => {
      const f = (a?: tf.Tensor, b?: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, "same");
      return withGradients(f, [random([7, 14, 14, 32], 1), random([4, 4, 32, 64], 2)]);
    });
  });

  test("with explicit padding, and dilated, which tfjs's own kernel does", async () => {
    await expectSameOnBoth(() => {
      const x = random([2, 9, 9, 3], 1) as tf.Tensor4D;
      const filter = random([3, 3, 3, 4], 2) as tf.Tensor4D;
      return [
        tf.conv2d(x, filter, 1, [
          [0, 0],
          [1, 2],
          [0, 1],
          [0, 0],
        ]),
        tf.conv2d(x, filter, 2, [
          [0, 0],
          [5, 4],
          [6, 7],
          [0, 0],
        ]),
        tf.conv2d(x, filter, 1, "same", "NHWC", 2),
      ];
    });
  });
});

test("sums over leading and over other axes on wasm equal the cpu backend's", async () => {
  await expectSameOnBoth(() => {
    const x = random([5, 70, 19], 1);
    const tall = random([5, 70, 19], 1).reshape([350, 19]);
    return [tf.sum(x, [0, 1]), tf.sum(x, 0, true), tf.sum(tall, 0), tf.sum(x, 2), tf.sum(x, 1), tf.sum(x)];
  });
});

test("joining and splitting on wasm, and their gradients, equal the cpu backend's", async () => {
  await expectSameOnBoth(
    () =>
      [0, 1, 2, 3, -1].flatMap((axis) => {
        const parts = [1, 2, 5].map((size, i) => random([3, 3, 3, 3].with(axis, size), i + 1));
        const whole = random([3, 3, 3, 3].with(axis, 8), 4);
        return [
          ...withGradients((...each) => tf.concat(each as tf.Tensor[], axis), parts),
          ...tf.split(whole, [5, 0, 3], axis),
          ...withGradients((x) => tf.split(x!, 2, axis)[1]!, [whole]),
          tf.slice(whole, [0, 0, 0, 0].with(axis, 2), whole.shape.with(axis, -1)),
          tf.slice(whole, [1, 0, 2, 1], [2, -1, 1, 2]),
          tf.slice(whole, 1),
          tf.concat(
            [whole, whole].map((x) => tf.cast(x, "int32")),
            axis,
          ),
        ];
      }),
    1e-6,
  );
});

test("the gradient of relu on wasm equals the cpu backend's", async () => {
  await expectSameOnBoth(() => withGradients((x) => tf.relu(x!), [random([3, 5, 71], 1)]), 1e-9);
});

test("leakyRelu on wasm, and its gradient, equal tfjs's own to the bit", async () => {
  await selectBackend("wasm");
  const bits = (f: (x: tf.Tensor) => tf.Tensor) =>
    tf.tidy(() => {
      const x = tf.concat([random([3, 5, 71], 1).flatten(), tf.tensor1d([0, -0, 1e-38, -1e-38, -Infinity])]);
      return withGradients((input) => f(input!), [x]).map((tensor) => tensor.dataSync());
    });
  expect(bits((x) => leakyRelu(x, 0.2))).toEqual(bits((x) => tf.leakyRelu(x, 0.2)));
});

describe("bceWithLogits", () => {
  test("and its gradient equal the stock composition, also for extreme logits", async () => {
    await expectSameOnBoth(() => {
      const logits = tf.concat([
        random([3001], 1).mul(4),
        tf.tensor1d([0, 100, -100, 100, -100, 1e4, -1e4, 1e-7]),
      ]);
      const target = tf.concat([
        tf.randomUniform([3001], 0, 1, "float32", 2),
        tf.tensor1d([0, 0, 0, 1, 1, 1, 0, 1]),
      ]);
      return withGradients((x) => bceWithLogits(x!, target), [logits]);
    });
  });

  test("is exact where float32 can be: log 2 at zero, |x| where the target is far", async () => {
    for (const backend of ["cpu", "wasm"] as const) {
      await selectBackend(backend);
      const one = (x: number, t: number) => bceWithLogits(tf.tensor1d([x]), tf.tensor1d([t])).dataSync()[0];
      expect(one(0, 0.5)).toBeCloseTo(Math.LN2, 6);
      expect(one(100, 0)).toBe(100);
      expect(one(-100, 0)).toBeCloseTo(0, 30);
    }
  });

  test("refuses a target of another shape", () => {
    expect(() => bceWithLogits(tf.zeros([2, 3]), tf.zeros([3, 2]))).toThrow(
      /logits and target differ in shape/,
    );
  });
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
    resumed.restore(adam.stepsDone(), await readWeights(adam.moments));
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
    for (const moments of adam.moments.values()) expect([...moments.dataSync()]).toEqual(Array(35).fill(0));
  });

  test("refuses a variable without a gradient and a state of other variables", () => {
    const w = tf.variable(tf.ones([4]));
    const adam = createAdam(new Map([["w", w]]), ADAM);
    expect(() => adam.step({}, RATE)).toThrow(RunError);
    const values = new Map([["m/x", Float32Array.of(1, 1, 1, 1)]]);
    expect(() => adam.restore(1, values)).toThrow("expected 4 numbers of Adam's m/w, found 0");
  });
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
