// An augmented and binarised batch on the device, and the same by trainer/data/augment.ts from the device's random bits. Prints
// JSON: the share of targets that differ, and the largest noise that inputs have over targets.

import { createAdam } from "../../../../trainer/backend/adam.ts";
import { releaseBackend, selectBackend } from "../../../../trainer/backend/registry.ts";
import { readFloats } from "../../../../trainer/backend/webgpu/buffers.ts";
import { currentGpu } from "../../../../trainer/backend/webgpu/device.ts";
import { createDeviceTrainer } from "../../../../trainer/backend/webgpu/engine.ts";
import { STREAMS } from "../../../../trainer/backend/webgpu/random.ts";
import { turnAndShift } from "../../../../trainer/data/augment.ts";
import { gatherImages, loadDataset, MNIST } from "../../../../trainer/data/dataset.ts";
import { kindOf } from "../../../../trainer/latent/kind.ts";
import { buildVae } from "../../../../trainer/model/vae.ts";
import { smokeConfig } from "../../smoke-config.ts";
import { deviceBits, deviceUniform } from "./device-random.ts";

const BATCH = 6;
const [EPOCH, STEP] = [3, 0];
const indices = Uint32Array.from({ length: BATCH }, (_, i) => 1000 * i);
const images = await loadDataset(MNIST, "train");
const config = { ...smokeConfig, batchSize: BATCH, augment: true, binarise: true };

await selectBackend("webgpu");
const vae = buildVae(config.spec, config.seed, kindOf(config.spec).createBottleneck);
const adam = createAdam(vae.variables);
const options = { vae, adam, config, images };
const counts = { trainingCount: BATCH, validation: indices, validationBatch: BATCH };
const trainer = await createDeviceTrainer({ ...options, ...counts });
await trainer.trainEpoch(indices, EPOCH);
const { device } = currentGpu();
const inputs = await readFloats(device, trainer.step.inputs, BATCH * 784);
const targets = await readFloats(device, trainer.step.targets, BATCH * 784);
trainer.dispose();
releaseBackend();

const bitsOf = (element: number, stream: number) =>
  deviceBits(config.seed, { element, stream, step: STEP, epoch: EPOCH });
const moves = Array.from({ length: BATCH }, (_, image) => bitsOf(image, STREAMS.move).slice(0, 3)).flat();
const moved = turnAndShift(gatherImages(images, indices), 28, 28, () => moves.shift()!);
const expected = moved.map((grey, i) => (deviceUniform(bitsOf(i, STREAMS.binarise)[0]) < grey ? 1 : 0));
const differing = expected.reduce((count, value, i) => count + (value === targets[i] ? 0 : 1), 0);
const grain = inputs.map((value, i) => Math.abs(value - targets[i]!));
console.log(
  JSON.stringify({
    differing: differing / expected.length,
    ink: expected.reduce((sum, value) => sum + value, 0) / expected.length,
    grain: { most: Math.max(...grain), mean: grain.reduce((sum, value) => sum + value, 0) / grain.length },
  }),
);
