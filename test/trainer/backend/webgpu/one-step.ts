// One training step of a preset on the device and on other backends, with the same images, weights and noise. Prints
// JSON: by backend, the largest differences from cpu of the loss (relative) and of any gradient (relative to the largest
// of its tensor).

import * as tf from "@tensorflow/tfjs";
import { latentDim } from "../../../../shared/latent/kind.ts";
import { type PresetName, presets } from "../../../../shared/model/presets.ts";
import { ADAM, createAdam } from "../../../../trainer/backend/adam.ts";
import { type BackendName, releaseBackend, selectBackend } from "../../../../trainer/backend/registry.ts";
import { hasTensorflow } from "../../../../trainer/backend/tensorflow.ts";
import { readFloats } from "../../../../trainer/backend/webgpu/buffers.ts";
import { currentGpu } from "../../../../trainer/backend/webgpu/device.ts";
import { createDeviceTrainer } from "../../../../trainer/backend/webgpu/engine.ts";
import { loadDataset, MNIST } from "../../../../trainer/data/dataset.ts";
import { kindOf } from "../../../../trainer/latent/kind.ts";
import { negativeElbo } from "../../../../trainer/model/loss.ts";
import { buildVae, loadWeights, readWeights } from "../../../../trainer/model/vae.ts";
import { smokeConfig } from "../../smoke-config.ts";

/** With one image less than a workgroup's rows would take, and no multiple of anything. */
const BATCH = 7;
const BETA = 2;

interface Step {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

const preset = process.argv[2] as PresetName;
const spec = presets[preset];
const config = { ...smokeConfig, preset, spec, batchSize: BATCH, beta: BETA, seed: "one step" };
const images = await loadDataset(MNIST, "train");
const indices = Uint32Array.from({ length: BATCH }, (_, i) => 59_993 - 7 * i);

const { step: onDevice, inputs, noise, weights } = await deviceStep();
const reference = await hostStep("cpu");
const others: BackendName[] = ["wasm", ...(["tensorflow-gpu", "tensorflow"] as const).filter(hasTensorflow)];
const report: Record<string, object> = { webgpu: difference(onDevice) };
for (const backend of others) report[backend] = difference(await hostStep(backend));
console.log(JSON.stringify(report));

async function deviceStep() {
  await selectBackend("webgpu");
  const vae = buildVae(spec, config.seed, kindOf(spec).createBottleneck);
  const weights = await readWeights(vae.variables);
  const adam = createAdam(vae.variables);
  const trainer = await createDeviceTrainer({
    ...{ vae, adam, config, images },
    ...{ trainingCount: BATCH, validation: indices, validationBatch: BATCH },
  });
  const { reconstruction, kl } = await trainer.trainEpoch(indices, 1);
  // After the first step the first moment is the gradient but for its factor.
  const moments = await readWeights(adam.moments);
  const gradients = new Map(
    [...vae.variables.keys()].map((name) => [
      name,
      moments.get(`m/${name}`)!.map((m) => m / (1 - ADAM.beta1)),
    ]),
  );
  const { device } = currentGpu();
  const inputs = await readFloats(device, trainer.step.inputs, BATCH * 784);
  const noise = await readFloats(device, trainer.step.noise, BATCH * latentDim(spec));
  trainer.dispose();
  releaseBackend();
  return { step: { loss: BATCH * (reconstruction + BETA * kl), gradients }, inputs, noise, weights };
}

async function hostStep(backend: BackendName): Promise<Step> {
  await selectBackend(backend);
  const vae = buildVae(spec, config.seed, kindOf(spec).createBottleneck);
  loadWeights(vae.variables, weights);
  const { value, grads } = tf.variableGrads(() => {
    const batch = tf.tensor4d(inputs, [BATCH, 28, 28, 1]);
    const draws = tf.tensor2d(noise, [BATCH, latentDim(spec)]);
    const { reconstruction, kl } = negativeElbo(vae, { inputs: batch, targets: batch }, draws);
    return tf.add(reconstruction, tf.mul(kl, BETA)) as tf.Scalar;
  }, [...vae.variables.values()]);
  const gradients = await readWeights(
    new Map([...vae.variables].map(([name, { name: key }]) => [name, grads[key]!])),
  );
  return { loss: (await value.data())[0]!, gradients };
}

function difference({ loss, gradients }: Step): { loss: number; gradient: number; tensors: number } {
  const worst = [...reference.gradients].map(([name, expected]) => {
    const found = gradients.get(name)!;
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0) / scale;
  });
  return {
    loss: Math.abs(loss / reference.loss - 1),
    gradient: worst.some(Number.isNaN) ? Number.NaN : Math.max(...worst),
    tensors: worst.length,
  };
}
