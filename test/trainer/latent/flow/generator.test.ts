import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { planFlow } from "../../../../shared/latent/flow/plan.ts";
import type { FlowSpec } from "../../../../shared/latent/flow/spec.ts";
import { presets } from "../../../../shared/model/presets.ts";
import { selectBackend } from "../../../../trainer/backend/registry.ts";
import { createImageGenerator } from "../../../../trainer/latent/flow/generator.ts";
import { createVariables } from "../../../../trainer/latent/flow/network.ts";

test("the slope of a pixel vanishes nowhere, and stays out of the numbers that processors are slow at", async () => {
  await selectBackend("wasm");
  const spec = presets["flow-smoke"];
  const standard = { mean: new Float32Array(4), deviation: new Float32Array(4).fill(1) };
  const generator = createImageGenerator(spec, planFlow(spec.latent as FlowSpec), standard);
  const learned = createVariables(generator.weights, "generator");
  const last = [...learned].findLast(([name]) => name.startsWith("decoder") && name.endsWith("bias"))![1];
  expect(last.shape).toEqual([1]);
  const slopes: number[] = [];
  for (const level of [0, -3, 3, -100, 100, -600]) {
    last.assign(tf.tensor1d([level]));
    const { grads } = tf.variableGrads(
      () => tf.mean(generator.decode(learned, tf.zeros([2, 4]))) as tf.Scalar,
      [last],
    );
    slopes.push(grads[last.name]!.dataSync()[0]!);
  }
  const [middle, ...others] = slopes as [number, ...number[]];
  for (const slope of others) {
    expect(slope).toBeLessThan(middle);
    expect(slope).toBeGreaterThan(1e-9);
  }
  generator.dispose();
  tf.dispose([...learned.values()]);
});
