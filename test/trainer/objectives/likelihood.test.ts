// Likelihoods of pixels, beside integrals and finite differences.

import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { continuousBernoulliNll, logConstant } from "../../../trainer/math/continuous-bernoulli.ts";
import { LIKELIHOODS, likelihoodNames } from "../../../trainer/model/likelihood.ts";

/** Among them 0, both sides of where the series ends, and the logits of full black and white. */
const logits = [-80, -12, -3, -0.301, -0.299, -0.01, 0, 0.01, 0.299, 0.301, 1, 3, 12, 80];
const targets = logits.map((_, i) => i / (logits.length - 1));
beforeAll(() => selectBackend("wasm"));

describe("the continuous Bernoulli", () => {
  it.each(logits)("at logit %d integrates to 1 over all grey levels", (logit) => {
    // Midpoints, fine enough for the steepest density.
    const steps = 100_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) {
      const level = Float32Array.of((i + 0.5) / steps);
      sum += Math.exp(-continuousBernoulliNll(Float32Array.of(logit), level)) / steps;
    }
    expect(sum).toBeCloseTo(1, 4);
  });

  it("has a constant of 2 at logit 0, where no level is likelier than another", () => {
    expect(logConstant(0)).toBe(Math.LN2);
    expect(continuousBernoulliNll(Float32Array.of(0), Float32Array.of(0.3))).toBeCloseTo(0, 12);
  });
});

describe.each(likelihoodNames)("the likelihood %s", (name) => {
  const { nll, nllEach, nllOf } = LIKELIHOODS[name];
  const exact = () => logits.map((logit, i) => nllOf(Float32Array.of(logit), Float32Array.of(targets[i]!)));

  it("is the same in tensors and in numbers, summed over everything or over pixels alone", () => {
    const total = exact().reduce((a, b) => a + b);
    const [all, each] = tf.tidy(() => {
      const [x, t] = [tf.tensor1d(logits), tf.tensor1d(targets)];
      const two = tf.stack([x, tf.neg(x)]).reshape([1, 2, logits.length]) as tf.Tensor3D;
      const rows = nllEach(two, t.reshape([1, 1, logits.length]) as tf.Tensor3D);
      return [nll(x, t).dataSync()[0]!, rows.dataSync()[0]!];
    });
    expect(all).toBeCloseTo(total, 3);
    expect(each).toBeCloseTo(total, 3);
    const joint = nllOf(Float32Array.from(logits), Float32Array.from([9, ...targets]), 1);
    expect(joint).toBeCloseTo(total, 4);
  });

  it("has the gradients of finite differences", () => {
    const t = tf.tensor1d(targets);
    const both = tf.tidy(() => {
      const x = tf.tensor1d(logits);
      const three = (logit: tf.Tensor) => logit.reshape([1, 1, logits.length]) as tf.Tensor3D;
      const each = tf.grad((logit: tf.Tensor) => tf.sum(nllEach(three(logit), three(t))))(x);
      return [tf.grad((logit: tf.Tensor) => nll(logit, t))(x), each].map((found) => [...found.dataSync()]);
    });
    t.dispose();
    for (const [i, logit] of logits.entries()) {
      const at = (by: number) => nllOf(new Float32Array([logit + by]), Float32Array.of(targets[i]!));
      const difference = (at(0.005) - at(-0.005)) / 0.01;
      for (const found of both) expect(Math.abs(found[i]! - difference), `at ${logit}`).toBeLessThan(1e-3);
    }
  });
});
