// npm run bench:train: milliseconds of a whole training step (forward, gradients, Adam, batch 128) on wasm, with our
// kernels and with stock tfjs, each in a process of its own, in turn, three rounds. Prints medians and the ratio.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { presets } from "../../shared/presets.ts";
import { createAdam } from "../../trainer/backend/adam.ts";
import { selectBackend } from "../../trainer/backend/registry.ts";
import { negativeElbo } from "../../trainer/loss.ts";
import { buildVae } from "../../trainer/vae.ts";

const BATCH = 128;
const ROUNDS = 3;
const STEPS = 30;
const PRESETS = ["mlp", "cnn"] as const;
const ENGINES = ["ours", "stock"] as const;
type Preset = (typeof PRESETS)[number];
type Engine = (typeof ENGINES)[number];

/** Milliseconds of each step after the first five; throws where stock tfjs lacks a kernel. */
async function measure(engine: Engine, preset: Preset): Promise<number[]> {
  if (engine === "ours") {
    await selectBackend("wasm");
  } else {
    tf.enableProdMode();
    setWasmPaths(dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm")) + sep);
    await tf.setBackend("wasm");
  }
  const spec = presets[preset];
  const vae = buildVae(spec, "bench");
  const variables = [...vae.variables.values()];
  const config = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const adam = createAdam(Object.fromEntries(vae.variables), config);
  const images = tf.randomUniform([BATCH, 28, 28, 1], 0, 1, "float32", 1) as tf.Tensor4D;
  const times: number[] = [];
  for (let step = 0; step < STEPS + 5; step++) {
    const start = performance.now();
    const loss = tf.tidy(() => {
      const noise = tf.randomNormal([BATCH, spec.latentDim], 0, 1, "float32", step + 1) as tf.Tensor2D;
      const { value, grads } = tf.variableGrads(() => {
        const { reconstruction, kl } = negativeElbo(vae, { inputs: images, targets: images }, noise);
        return tf.add(reconstruction, kl) as tf.Scalar;
      }, variables);
      adam.step(grads);
      return value;
    });
    await loss.data();
    loss.dispose();
    if (step >= 5) times.push(performance.now() - start);
  }
  return times;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const [engine, preset] = process.argv.slice(2) as [Engine?, Preset?];
if (engine && preset) {
  console.log(JSON.stringify(await measure(engine, preset)));
} else {
  const results = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const preset of PRESETS) {
      for (const engine of ENGINES) {
        process.stderr.write(`round ${round + 1}/${ROUNDS}: ${preset}, ${engine}\n`);
        const args = [...process.execArgv, fileURLToPath(import.meta.url), engine, preset];
        const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
        const key = `${preset} ${engine}`;
        if (status === 0) results.set(key, [...(results.get(key) ?? []), ...JSON.parse(stdout)]);
      }
    }
  }
  for (const preset of PRESETS) {
    const [ours, stock] = ENGINES.map((engine) => results.get(`${preset} ${engine}`));
    const peer = stock
      ? `${median(stock).toFixed(1)} ms by stock tfjs, ${(median(stock) / median(ours!)).toFixed(1)} times as long`
      : "stock tfjs cannot train it on wasm";
    console.log(`${preset}: ${median(ours!).toFixed(1)} ms a step (batch ${BATCH}); ${peer}`);
  }
}
