// npm run evaluate, of a release with codes: what both stages cost, how the codebook is used, and what it draws.

import type { Card } from "../../shared/release.ts";
import { loadClassifier } from "../classifier/classifier.ts";
import { measureCodes, openCodedRelease } from "../codes/evaluate.ts";
import { gatherImages, loadDataset, MNIST, splitTraining } from "../dataset.ts";
import { judgeImages } from "../evaluate/judge.ts";
import { formatLoss } from "../progress.ts";
import { printHeader, printRow } from "./evaluate-rows.ts";

const TEMPERATURES = [1, 0.9, 0.8];

/**
 * @param files  of the release
 * @param seed  of what is drawn
 */
export async function evaluateCodes(
  card: Card,
  files: ReadonlyMap<string, Uint8Array>,
  seed: string,
): Promise<void> {
  const release = await openCodedRelease(card, files);
  const [training, test] = [await loadDataset(MNIST, "train"), await loadDataset(MNIST, "t10k")];
  const images = gatherImages(
    test,
    Uint32Array.from({ length: test.count }, (_, i) => i),
  );
  const figures = measureCodes(card, release, images, test.labels);
  console.log(`${card.name}, ${test.count} test images`);
  console.log(`loss                 ${formatLoss(figures.loss)}`);
  console.log(`codes                ${figures.bits.toFixed(1)} bits per image, given the digit`);
  console.log(`codes in use         ${figures.used} of ${figures.size}`);
  console.log(`perplexity           ${figures.perplexity.toFixed(1)}`);

  const classifier = await loadClassifier();
  const real = classifier.features(images);
  const pixels = (latents: Float32Array) =>
    release.decode(latents).map((logit) => 1 / (1 + Math.exp(-logit)));
  const { training: chosen } = splitTraining(training.count, seed);
  const floor = gatherImages(training, chosen.subarray(0, test.count));
  printHeader();
  printRow("training images", await judgeImages(classifier, real, floor));
  const { latents } = release.encode(images);
  printRow("reconstructions", await judgeImages(classifier, real, pixels(latents), test.labels));
  const digits = Uint8Array.from({ length: test.count }, (_, i) => i % 10);
  for (const temperature of TEMPERATURES) {
    const drawn = pixels(release.draw(digits, seed, temperature));
    printRow(`digit=, t ${temperature}`, await judgeImages(classifier, real, drawn, digits));
  }
}
