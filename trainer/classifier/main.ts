// Makes trainer/classifier/weights.bin and weights.json:
//   node --disable-warning=ExperimentalWarning trainer/classifier/main.ts [folder]
// About six minutes on one core. The test images are only reported on.

import { selectBackend } from "../backend/registry.ts";
import { gatherImages, loadDataset, MNIST, splitTraining } from "../dataset.ts";
import { accuracyOf, createClassifier } from "./classifier.ts";
import { classifierFolder, quantizeClassifier, writeClassifier } from "./file.ts";
import { type ClassifierTraining, trainClassifier } from "./train.ts";

const TRAINING: ClassifierTraining = {
  epochs: 14,
  batchSize: 100,
  learningRate: 0.002,
  dropout: 0.05,
  averaged: 3,
  seed: "classifier",
};

await selectBackend("wasm");
const start = performance.now();
const images = await loadDataset(MNIST, "train");
const split = splitTraining(images.count, TRAINING.seed);
const weights = await trainClassifier(images, split.training, TRAINING, (epoch, loss) => {
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`epoch ${epoch}/${TRAINING.epochs}  cross-entropy ${loss.toFixed(4)} nats  ${seconds} s`);
});
const seconds = Math.round((performance.now() - start) / 1000);

const stored = quantizeClassifier(weights);
const { classify } = createClassifier(stored);
const accuracyOn = (data: typeof images, indices: Uint32Array) =>
  accuracyOf(
    classify(gatherImages(data, indices)),
    Uint8Array.from(indices, (i) => data.labels[i]!),
  );
const test = await loadDataset(MNIST, "t10k");
const accuracy = {
  validation: accuracyOn(images, split.validation),
  test: accuracyOn(
    test,
    Uint32Array.from({ length: test.count }, (_, i) => i),
  ),
};
const folder = process.argv[2] ?? classifierFolder();
await writeClassifier(folder, stored, accuracy, { ...TRAINING, seconds });
console.log(`accuracy: validation ${accuracy.validation}, test ${accuracy.test}; written to ${folder}`);
