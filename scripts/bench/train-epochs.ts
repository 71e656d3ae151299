// One row of bench:train in its own process: trains a preset on one backend and prints a line of JSON. The engines
// "wasm-stock" and "webgpu-stock" are tfjs's own operations on those backends, with our optimiser as a chain of them.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as v from "valibot";
import { latentDim } from "../../shared/latent/kind.ts";
import { type PresetName, presets } from "../../shared/model/presets.ts";
import type { Loss } from "../../shared/release/release.ts";
import { createAdam } from "../../trainer/backend/adam.ts";
import { type BackendName, releaseBackend, selectBackend } from "../../trainer/backend/registry.ts";
import { currentGpu } from "../../trainer/backend/webgpu/device.ts";
import { createDeviceTrainer } from "../../trainer/backend/webgpu/engine.ts";
import { createBatch, noiseTensor } from "../../trainer/data/batch.ts";
import { loadDataset, MNIST, shuffled } from "../../trainer/data/dataset.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import { openStep } from "../../trainer/model/step.ts";
import { buildVae } from "../../trainer/model/vae.ts";
import { negativeElbo } from "../../trainer/objectives/vae.ts";
import { createParallel } from "../../trainer/parallel/parallel.ts";
import { TrainingConfigSchema } from "../../trainer/train/config.ts";
import { createSums } from "../../trainer/train/loss-sums.ts";
import { silentProgress } from "../../trainer/train/progress.ts";
import { train } from "../../trainer/train/train.ts";

export interface EpochTask {
  readonly preset: string;
  /** A backend, or "wasm-stock" or "webgpu-stock". */
  readonly engine: string;
  /** Timed epochs. */
  readonly epochs: number;
  /** Images per epoch. */
  readonly limit: number;
  readonly batchSize: number;
  /** Of wasm. */
  readonly threads: number;
}

export interface EpochReport {
  readonly engine: string;
  /** The GPU or processor, if known. */
  readonly device: string;
  /** Medians; CPU time is that of all threads. */
  readonly secondsPerEpoch: number;
  readonly cpuSecondsPerEpoch: number;
  /** Of the busiest thread, on Linux: what an epoch takes on a machine with nothing else to do, at least. */
  readonly busiestSecondsPerEpoch?: number;
  readonly imagesPerSecond: number;
  /** Dispatches per step, on webgpu. */
  readonly dispatches?: number;
  /** Nats per image in each timed epoch. */
  readonly lossPerEpoch: readonly number[];
}

const { preset, engine, epochs, limit, batchSize, threads } = JSON.parse(process.argv[2]!) as EpochTask;
const spec = presets[preset as PresetName];
// A tenth of the images is for validation. The first epoch compiles and warms up.
const options = { preset, batchSize, epochs: epochs + 1, spec, limit: Math.floor((10 * limit) / 9) };
const config = v.parse(TrainingConfigSchema, options);
const kind = kindOf(spec);

const isStock = engine.endsWith("-stock");
const backend = await (engine === "wasm-stock"
  ? stockWasm()
  : selectBackend(engine.replace("-stock", "") as BackendName));
const images = await loadDataset(MNIST, "train");
const measured: { seconds: number; cpuSeconds: number; busiestSeconds: number; loss: number }[] = [];
const dispatches = await (isStock ? stockEpochs() : backend === "webgpu" ? deviceEpochs() : trainedEpochs());

const timed = measured.slice(1);
const medianOf = (of: (epoch: (typeof timed)[number]) => number) =>
  timed.map(of).toSorted((a, b) => a - b)[timed.length >> 1]!;
const secondsPerEpoch = medianOf(({ seconds }) => seconds);
const report: EpochReport = {
  engine,
  device: backend === "webgpu" ? currentGpu().description : (cpus()[0]?.model ?? "unknown"),
  secondsPerEpoch,
  cpuSecondsPerEpoch: medianOf(({ cpuSeconds }) => cpuSeconds),
  ...(process.platform === "linux" && {
    busiestSecondsPerEpoch: medianOf(({ busiestSeconds }) => busiestSeconds),
  }),
  imagesPerSecond: Math.round(limit / secondsPerEpoch),
  ...(dispatches && backend === "webgpu" ? { dispatches } : {}),
  lossPerEpoch: timed.map(({ loss }) => loss),
};
console.log(JSON.stringify(report));
releaseBackend();

/** Begins to measure an epoch; what it returns ends that. */
function startEpoch(): (loss: number) => void {
  const [start, cpuStart, threadsStart] = [performance.now(), process.cpuUsage(), threadSeconds()];
  return (loss) => {
    const { user, system } = process.cpuUsage(cpuStart);
    const busy = [...threadSeconds()].map(([id, seconds]) => seconds - (threadsStart.get(id) ?? 0));
    measured.push({
      seconds: (performance.now() - start) / 1000,
      cpuSeconds: (user + system) / 1e6,
      busiestSeconds: Math.max(0, ...busy),
      loss,
    });
  };
}

/** CPU time of each thread of this process, on Linux: proc(5), /proc/pid/task/tid/stat, in hundredths of a second. */
function threadSeconds(): Map<string, number> {
  const folder = "/proc/self/task";
  if (process.platform !== "linux") return new Map();
  return new Map(
    readdirSync(folder).map((id) => {
      const stat = readFileSync(join(folder, id, "stat"), "utf8")
        .split(") ")
        .at(-1)!
        .split(" ");
      return [id, (Number(stat[11]) + Number(stat[12])) / 100];
    }),
  );
}

/** By the trainer itself, without its validation. */
async function trainedEpochs(): Promise<undefined> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-bench-"));
  let end: ReturnType<typeof startEpoch>;
  const progress = {
    ...silentProgress,
    start: () => {
      end = startEpoch();
    },
    step: (done: number, loss?: Loss | number) => {
      if (done === Math.ceil(limit / batchSize)) end((loss as Loss).total);
    },
  };
  const parallel = createParallel(threads);
  try {
    await train({ config, kind, folder, backend, images, digests: {}, resume: false, progress, parallel });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The stock wasm backend, without our kernels. */
async function stockWasm(): Promise<BackendName> {
  tf.enableProdMode();
  setWasmPaths(dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm")) + sep);
  await tf.setBackend("wasm");
  return "wasm";
}

/** @returns dispatches per step */
async function deviceEpochs(): Promise<number> {
  const { vae, adam } = createModel();
  const validation = Uint32Array.of(0);
  const counts = { trainingCount: limit, validation, validationBatch: 1 };
  const trainer = await createDeviceTrainer({ vae, adam, config, images, ...counts });
  for (let epoch = 1; epoch <= config.epochs; epoch++) {
    const end = startEpoch();
    end((await trainer.trainEpoch(shuffled(limit, `bench/${epoch}`), epoch)).total);
  }
  return trainer.dispatches;
}

/** By stock operations. @returns dispatches per step, on webgpu */
async function stockEpochs(): Promise<number> {
  const { vae, adam } = createModel();
  const steps = Math.ceil(limit / batchSize);
  const counted = countDispatches();
  for (let epoch = 1; epoch <= config.epochs; epoch++) {
    const order = shuffled(limit, `bench/${epoch}`);
    const end = startEpoch();
    const sums = createSums();
    counted.count = 0;
    for (let step = 0; step < steps; step++) {
      const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
      tf.tidy(() => {
        const batch = createBatch(images, indices, config, `bench/${epoch}/${step}`);
        const noise = noiseTensor(indices.length, latentDim(spec), `bench/${epoch}/${step}`);
        const { grads } = tf.variableGrads(() => {
          const { reconstruction, kl } = negativeElbo(openStep(vae, batch, noise));
          sums.add(tf.keep(tf.stack([reconstruction, kl]) as tf.Tensor1D));
          return tf.add(reconstruction, kl) as tf.Scalar;
        }, [...vae.variables.values()]);
        adam.step(grads, config.learningRate);
      });
      // As in the trainer, which limits what is queued on the device.
      if (step % 20 === 19) await sums.mean(1);
    }
    end((await sums.mean(order.length)).total);
  }
  return counted.count / steps;
}

function createModel() {
  const vae = buildVae(spec, config.seed, kind.createBottleneck);
  return { vae, adam: createAdam(vae.variables) };
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
