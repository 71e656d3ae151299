// A short training on the device, and the same on wasm with the device's noise, drawn here from its description. Prints
// the losses of every epoch of both as JSON.

import * as tf from "@tensorflow/tfjs";
import { latentDim } from "../../../../shared/latent/kind.ts";
import { createAdam } from "../../../../trainer/backend/adam.ts";
import { releaseBackend, selectBackend } from "../../../../trainer/backend/registry.ts";
import {
  gatherImages,
  loadDataset,
  MNIST,
  shuffled,
  splitTraining,
} from "../../../../trainer/data/dataset.ts";
import { kindOf } from "../../../../trainer/latent/kind.ts";
import { openStep } from "../../../../trainer/model/step.ts";
import { buildVae } from "../../../../trainer/model/vae.ts";
import { negativeElbo } from "../../../../trainer/objectives/vae.ts";
import { createParallel } from "../../../../trainer/parallel/parallel.ts";
import { silentProgress } from "../../../../trainer/train/progress.ts";
import { train } from "../../../../trainer/train/train.ts";
import { smokeConfig } from "../../smoke-config.ts";
import { deviceNormal } from "./device-random.ts";

const [folder] = process.argv.slice(2) as [string];
// 180 images to train on: five steps of 32 and one of 20.
const config = { ...smokeConfig, epochs: 4, batchSize: 32, learningRate: 0.01, limit: 200 };
const images = await loadDataset(MNIST, "train");

const backend = await selectBackend("webgpu");
const history = await train({
  kind: kindOf(config.spec),
  config,
  folder,
  backend,
  images,
  digests: {},
  resume: false,
  progress: silentProgress,
  parallel: createParallel(1),
});
const { numTensors } = tf.memory();
releaseBackend();
const device = history.map(({ training }) => training);
console.log(JSON.stringify({ device, host: await trainOnHost(), numTensors }));

async function trainOnHost() {
  await selectBackend("wasm");
  const { training } = splitTraining(images.count, config.seed, config.limit);
  const vae = buildVae(config.spec, config.seed, kindOf(config.spec).createBottleneck);
  const adam = createAdam(vae.variables);
  const losses = [];
  for (let epoch = 1; epoch <= config.epochs; epoch++) {
    const order = shuffled(training.length, `${config.seed}/order/${epoch}`).map((i) => training[i]!);
    let [reconstruction, kl] = [0, 0];
    for (let step = 0; step * config.batchSize < order.length; step++) {
      const indices = order.subarray(step * config.batchSize, (step + 1) * config.batchSize);
      const parts = tf.tidy(() => {
        const batch = tf.tensor4d(gatherImages(images, indices), [indices.length, 28, 28, 1]);
        const shape: [number, number] = [indices.length, latentDim(config.spec)];
        const draws = Float32Array.from({ length: shape[0] * shape[1] }, (_, element) =>
          deviceNormal(config.seed, { element, step, epoch }),
        );
        const noise = tf.tensor2d(draws, shape);
        let sums: number[] = [];
        const { grads } = tf.variableGrads(() => {
          const elbo = negativeElbo(
            openStep(vae, { inputs: batch, targets: batch, digits: new Uint8Array(indices.length) }, noise),
          );
          sums = [elbo.reconstruction.dataSync()[0]!, elbo.kl.dataSync()[0]!];
          return tf.add(elbo.reconstruction, elbo.kl) as tf.Scalar;
        }, [...vae.variables.values()]);
        adam.step(grads, config.learningRate);
        return sums;
      });
      reconstruction += parts[0]!;
      kl += parts[1]!;
    }
    losses.push({ reconstruction: reconstruction / order.length, kl: kl / order.length });
  }
  return losses;
}
