// npm run classifier: makes trainer/evaluate/classifier/weights.bin and weights.json, which score what models draw.

import * as v from "valibot";
import { selectBackend } from "../backend/registry.ts";
import { type Dataset, gatherImages, labelsOf, loadDataset, MNIST, splitTraining } from "../data/dataset.ts";
import { accuracyOf, createClassifier } from "../evaluate/classifier/classifier.ts";
import { classifierFolder, quantizeClassifier, writeClassifier } from "../evaluate/classifier/file.ts";
import { CLASSIFIER_TRAINING, trainClassifier } from "../evaluate/classifier/train.ts";
import { option } from "../options.ts";
import { defineCommand } from "./command-line.ts";

export const classifierCommand = defineCommand({
  name: "classifier",
  summary:
    "Train the digit classifier that evaluations use, which takes about eight minutes on one core. Figures by different " +
    "classifiers cannot be compared, so this is rarely needed.",
  examples: ["npm run classifier -- --out /tmp/classifier"],
  fields: {
    out: option(v.string(), "folder of weights.bin and weights.json (default trainer/evaluate/classifier)"),
  },
  run: async ({ values: { out = classifierFolder() } }) => {
    await selectBackend("wasm");
    const start = performance.now();
    const secondsSince = () => Math.round((performance.now() - start) / 1000);
    const images = await loadDataset(MNIST, "train");
    const split = splitTraining(images.count, CLASSIFIER_TRAINING.seed);
    const weights = await trainClassifier(images, split.training, CLASSIFIER_TRAINING, (epoch, loss) => {
      const left = Math.round((secondsSince() / epoch) * (CLASSIFIER_TRAINING.epochs - epoch));
      console.log(
        `epoch ${epoch}/${CLASSIFIER_TRAINING.epochs}  cross-entropy ${loss.toFixed(4)} nats  ${left} s left`,
      );
    });
    const seconds = secondsSince();
    const stored = quantizeClassifier(weights);
    const classify = createClassifier(stored);
    const accuracyOn = (data: Dataset, indices: Uint32Array) =>
      accuracyOf(classify(gatherImages(data, indices)).digits, labelsOf(data, indices));
    // Accuracy on the test images is only reported.
    const test = await loadDataset(MNIST, "t10k");
    const accuracy = {
      validation: accuracyOn(images, split.validation),
      test: accuracyOn(test, Uint32Array.from(test.labels.keys())),
    };
    await writeClassifier(out, stored, accuracy, { ...CLASSIFIER_TRAINING, seconds });
    console.log(`accuracy: validation ${accuracy.validation}, test ${accuracy.test}; written to ${out}`);
  },
});
