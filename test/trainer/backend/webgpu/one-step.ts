// One training step of a preset on the device and on wasm, with the same images, weights and noise. Prints JSON: by
// backend, how far each differs from cpu.

import { latentDim } from "../../../../shared/latent/kind.ts";
import { type PresetName, presets } from "../../../../shared/model/presets.ts";
import { ADAM, createAdam } from "../../../../trainer/backend/adam.ts";
import { releaseBackend, selectBackend } from "../../../../trainer/backend/registry.ts";
import { readFloats } from "../../../../trainer/backend/webgpu/buffers.ts";
import { currentGpu } from "../../../../trainer/backend/webgpu/device.ts";
import { createDeviceTrainer } from "../../../../trainer/backend/webgpu/engine.ts";
import { loadDataset, MNIST } from "../../../../trainer/data/dataset.ts";
import { kindOf } from "../../../../trainer/latent/kind.ts";
import { buildVae, readWeights } from "../../../../trainer/model/vae.ts";
import { smokeConfig } from "../../smoke-config.ts";
import { difference, hostStep } from "../host-step.ts";

/** With one image less than a workgroup's rows would take, and no multiple of anything. */
const BATCH = 7;
const BETA = 2;

const preset = process.argv[2] as PresetName;
const spec = presets[preset];
const config = { ...smokeConfig, preset, spec, batchSize: BATCH, beta: BETA, seed: "one step" };
const images = await loadDataset(MNIST, "train");
const indices = Uint32Array.from({ length: BATCH }, (_, i) => 59_993 - 7 * i);

const { step, inputs, noise, weights } = await deviceStep();
const input = { spec, seed: config.seed, weights, images: inputs, noise, beta: BETA };
const reference = await hostStep("cpu", input);
const report = {
  webgpu: difference(step, reference),
  wasm: difference(await hostStep("wasm", input), reference),
};
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
  const moments = await readWeights(adam.moments());
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
