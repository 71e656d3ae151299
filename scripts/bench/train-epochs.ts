// One row of bench:train in its own process: trains a preset on one backend and prints a line of JSON. The engines
// "wasm-stock" and "webgpu-stock" are tfjs's own operations on those backends, with our optimiser as a chain of them.

import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as v from "valibot";
import { latentDim } from "../../shared/latent/kind.ts";
import { type PresetName, presets } from "../../shared/model/presets.ts";
import { createAdam } from "../../trainer/backend/adam.ts";
import { type BackendName, releaseBackend, selectBackend } from "../../trainer/backend/registry.ts";
import { currentGpu } from "../../trainer/backend/webgpu/device.ts";
import { createDeviceTrainer } from "../../trainer/backend/webgpu/engine.ts";
import { createBatch, noiseTensor } from "../../trainer/data/batch.ts";
import { loadDataset, MNIST, shuffled } from "../../trainer/data/dataset.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import { negativeElbo } from "../../trainer/model/loss.ts";
import { buildVae } from "../../trainer/model/vae.ts";
import { TrainingConfigSchema } from "../../trainer/train/config.ts";
import { createSums } from "../../trainer/train/loss-sums.ts";

export interface EpochTask {
  readonly preset: string;
  /** A backend, or "wasm-stock" or "webgpu-stock". */
  readonly engine: string;
  /** Timed epochs. */
  readonly epochs: number;
  /** Images per epoch. */
  readonly limit: number;
  readonly batchSize: number;
}

export interface EpochReport {
  readonly engine: string;
  /** The GPU or processor, if known. */
  readonly device: string;
  readonly secondsPerEpoch: number;
  readonly imagesPerSecond: number;
  /** Dispatches per step, on webgpu. */
  readonly dispatches?: number;
  /** Nats per image in each timed epoch. */
  readonly lossPerEpoch: readonly number[];
}

const { preset, engine, epochs, limit, batchSize } = JSON.parse(process.argv[2]!) as EpochTask;
const spec = presets[preset as PresetName];
const config = v.parse(TrainingConfigSchema, { preset, batchSize, epochs: epochs + 1, spec });

const isStock = engine.endsWith("-stock");
const backend = await (engine === "wasm-stock"
  ? stockWasm()
  : selectBackend(engine.replace("-stock", "") as BackendName));
const images = await loadDataset(MNIST, "train");
const vae = buildVae(spec, config.seed, kindOf(spec).createBottleneck);
const adam = createAdam(vae.variables);
const onDevice = backend === "webgpu" && !isStock;
const epoch = await (onDevice ? deviceEpochs() : hostEpochs());

// The first epoch compiles and warms up; it may be short.
await epoch.run(shuffled(limit, "bench/0"), 1);
const [seconds, lossPerEpoch]: [number[], number[]] = [[], []];
for (let i = 1; i <= epochs; i++) {
  const order = shuffled(limit, `bench/${i}`);
  const start = performance.now();
  lossPerEpoch.push(await epoch.run(order, i + 1));
  seconds.push((performance.now() - start) / 1000);
}
const secondsPerEpoch = seconds.toSorted((a, b) => a - b)[seconds.length >> 1]!;
const report: EpochReport = {
  engine,
  device: backend === "webgpu" ? currentGpu().description : (cpus()[0]?.model ?? "unknown"),
  secondsPerEpoch,
  imagesPerSecond: Math.round(limit / secondsPerEpoch),
  ...epoch.dispatches(),
  lossPerEpoch,
};
console.log(JSON.stringify(report));
releaseBackend();

/** The stock wasm backend, without our kernels. */
async function stockWasm(): Promise<BackendName> {
  tf.enableProdMode();
  setWasmPaths(dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm")) + sep);
  await tf.setBackend("wasm");
  return "wasm";
}

async function deviceEpochs() {
  const validation = Uint32Array.of(0);
  const counts = { trainingCount: limit, validation, validationBatch: 1 };
  const trainer = await createDeviceTrainer({ vae, adam, config, images, ...counts });
  return {
    run: async (order: Uint32Array, number: number) => (await trainer.trainEpoch(order, number)).total,
    dispatches: () => ({ dispatches: trainer.dispatches }),
  };
}

async function hostEpochs() {
  const steps = Math.ceil(limit / batchSize);
  const counted = countDispatches();
  return {
    async run(order: Uint32Array, number: number) {
      const sums = createSums();
      counted.count = 0;
      for (let step = 0; step < steps; step++) {
        const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
        tf.tidy(() => {
          const batch = createBatch(images, indices, config, `bench/${number}/${step}`);
          const noise = noiseTensor(indices.length, latentDim(spec), `bench/${number}/${step}`);
          const { grads } = tf.variableGrads(() => {
            const parts = negativeElbo(vae, batch, noise);
            sums.add(parts);
            return tf.add(parts.reconstruction, parts.kl) as tf.Scalar;
          }, [...vae.variables.values()]);
          adam.step(grads, config.learningRate);
        });
        // As in the trainer, which limits what is queued on the device.
        if (step % 20 === 19) await sums.mean(1);
      }
      const { total } = await sums.mean(order.length);
      return total;
    },
    dispatches: () => (backend === "webgpu" ? { dispatches: counted.count / steps } : {}),
  };
}

/** Counts the dispatches of tfjs's webgpu backend, by the only method that makes them. */
function countDispatches(): { count: number } {
  const counted = { count: 0 };
  const backend = tf.backend() as unknown as { recordAndSubmit?: (...args: unknown[]) => void };
  const { recordAndSubmit } = backend;
  if (recordAndSubmit) {
    backend.recordAndSubmit = (...args) => {
      counted.count += 1;
      recordAndSubmit.apply(backend, args);
    };
  }
  return counted;
}
