// Median milliseconds of a whole training step (forward, gradients, Adam) of the MLP and the CNN VAE, on random images.
//   node trainer/backend/bench-step.ts [steps] [backend]

import * as tf from "@tensorflow/tfjs";
import { createAdam } from "./adam.ts";
import { bceWithLogits } from "./ops.ts";
import { type BackendName, selectBackend } from "./registry.ts";

const BATCH = 128;

type Vae = { readonly encoder: tf.LayersModel; readonly decoder: tf.LayersModel; readonly latent: number };

function mlp(): Vae {
  const relu = "relu" as const;
  const image = tf.input({ shape: [28, 28, 1] });
  const hidden = tf.layers
    .dense({ units: 400, activation: relu })
    .apply(tf.layers.flatten().apply(image)) as tf.SymbolicTensor;
  const heads = [2, 2].map((units) => tf.layers.dense({ units }).apply(hidden) as tf.SymbolicTensor);
  const decoder = tf.sequential({
    layers: [
      tf.layers.dense({ units: 400, activation: relu, inputShape: [2] }),
      tf.layers.dense({ units: 784 }),
      tf.layers.reshape({ targetShape: [28, 28, 1] }),
    ],
  });
  return { encoder: tf.model({ inputs: image, outputs: heads }), decoder, latent: 2 };
}

function cnn(): Vae {
  const conv = { kernelSize: 4, strides: 2, padding: "same" as const };
  const relu = "relu" as const;
  const image = tf.input({ shape: [28, 28, 1] });
  let hidden = tf.layers.conv2d({ ...conv, filters: 32, activation: relu }).apply(image);
  hidden = tf.layers.conv2d({ ...conv, filters: 64, activation: relu }).apply(hidden);
  const flat = tf.layers.flatten().apply(hidden) as tf.SymbolicTensor;
  const heads = [16, 16].map((units) => tf.layers.dense({ units }).apply(flat) as tf.SymbolicTensor);
  const decoder = tf.sequential({
    layers: [
      tf.layers.dense({ units: 3136, activation: relu, inputShape: [16] }),
      tf.layers.reshape({ targetShape: [7, 7, 64] }),
      tf.layers.conv2dTranspose({ ...conv, filters: 32, activation: relu }),
      tf.layers.conv2dTranspose({ ...conv, filters: 1 }),
    ],
  });
  return { encoder: tf.model({ inputs: image, outputs: heads }), decoder, latent: 16 };
}

/** Negative ELBO, nats per image. */
function loss({ encoder, decoder }: Vae, images: tf.Tensor4D, noise: tf.Tensor2D): tf.Scalar {
  const [mu, logVar] = encoder.apply(images) as [tf.Tensor2D, tf.Tensor2D];
  const latents = mu.add(logVar.mul(0.5).exp().mul(noise));
  const reconstruction = bceWithLogits(decoder.apply(latents) as tf.Tensor4D, images);
  const divergence = logVar.add(1).sub(mu.square()).sub(logVar.exp()).sum().mul(-0.5);
  return reconstruction.add(divergence).div(BATCH);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const steps = Number(process.argv[2] ?? 50);
const backend = await selectBackend((process.argv[3] ?? "auto") as "auto" | BackendName);
for (const [name, build] of Object.entries({ mlp, cnn })) {
  const vae = build();
  const weights = [...vae.encoder.trainableWeights, ...vae.decoder.trainableWeights];
  const variables = weights.map((weight) => weight.read() as tf.Variable);
  const adam = createAdam(Object.fromEntries(variables.map((variable) => [variable.name, variable])), {
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
  });
  const images = tf.randomUniform([BATCH, 28, 28, 1], 0, 1, "float32", 1) as tf.Tensor4D;
  const milliseconds: number[] = [];
  let last = 0;
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    const noise = tf.randomNormal([BATCH, vae.latent], 0, 1, "float32", step + 1) as tf.Tensor2D;
    const { value, grads } = tf.variableGrads(() => loss(vae, images, noise), variables);
    adam.step(grads);
    last = (await value.data())[0] ?? Number.NaN;
    tf.dispose([value, noise, grads]);
    milliseconds.push(performance.now() - start);
  }
  console.log(
    `${backend} ${name}: ${median(milliseconds).toFixed(1)} ms a step, loss ${last.toFixed(3)}, ${tf.memory().numTensors} tensors`,
  );
}
