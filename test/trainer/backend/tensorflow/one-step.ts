// One training step of every preset by TensorFlow's library and by the cpu backend, with the same images, weights and noise.
// Prints JSON: by preset, how far the two differ.

import { createGenerator, sampleNormal } from "../../../../shared/arithmetic/random.ts";
import { latentDim } from "../../../../shared/latent/kind.ts";
import { presets } from "../../../../shared/model/presets.ts";
import { selectBackend } from "../../../../trainer/backend/registry.ts";
import { loadDataset, MNIST } from "../../../../trainer/data/dataset.ts";
import { difference, hostStep } from "../host-step.ts";

const BATCH = 2;

const backend = await selectBackend("auto", ["tensorflow-gpu", "tensorflow"]);
const { pixels } = await loadDataset(MNIST, "train");
const images = Float32Array.from(pixels.subarray(0, 784 * BATCH), (pixel) => pixel / 255);
const report: Record<string, object> = {};
for (const [preset, spec] of Object.entries(presets)) {
  const noiseDim = spec.latent.kind === "codes" ? 0 : latentDim(spec);
  const noise = sampleNormal(createGenerator("noise"), new Float32Array(BATCH * noiseDim));
  const input = { spec, seed: "one step", images, noise, beta: 2 };
  report[preset] = difference(await hostStep(backend, input), await hostStep("cpu", input));
}
console.log(JSON.stringify(report));
