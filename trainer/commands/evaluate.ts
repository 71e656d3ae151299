// npm run evaluate: a release before the 10,000 test images of MNIST, through the engine that serves.

import * as v from "valibot";
import { drawLatent } from "../../shared/latent.ts";
import { SAMPLER_FILE } from "../../shared/mixture.ts";
import { planDecoder, planEncoder } from "../../shared/model.ts";
import { NETWORK_FILES, readMixture, readNetwork } from "../../shared/release.ts";
import { selectBackend } from "../backend/registry.ts";
import { loadClassifier } from "../classifier/classifier.ts";
import { defineCommand } from "../command-line.ts";
import { type Dataset, gatherImages, loadDataset, MNIST, splitTraining } from "../dataset.ts";
import { activeUnits } from "../evaluate/active-units.ts";
import { createAutoencoder } from "../evaluate/autoencoder.ts";
import { elbo, importanceWeightedBound } from "../evaluate/bound.ts";
import { findFailure } from "../evaluate/failure.ts";
import { judgeImages } from "../evaluate/judge.ts";
import { knnAccuracy } from "../evaluate/knn.ts";
import { formatLoss } from "../progress.ts";
import { readReleaseFolder } from "../publish.ts";
import { evaluateCodes } from "./evaluate-codes.ts";
import { percent, printHeader, printRow } from "./evaluate-rows.ts";

const NEIGHBOURS = 10;
const SEED = "evaluate";

export const evaluateCommand = defineCommand({
  name: "evaluate",
  summary:
    "Judge a release on the 10,000 test images: loss, latent space, and what it draws before a classifier.",
  usage: "npm run evaluate -- RELEASE",
  examples: [
    "npm run evaluate -- models/cnn/VERSION",
    "npm run evaluate -- runs/cnn/release/VERSION --samples 50",
  ],
  fields: {
    samples: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5000)), 0),
      v.description("importance samples per image for the tighter bound; 0 leaves it out"),
    ),
  },
  positionals: ["RELEASE"],
  run: async ({ values }, [folder]) => {
    await selectBackend("wasm");
    const { card, files } = await readReleaseFolder(folder!);
    const { spec } = card;
    if (spec.codes) return evaluateCodes(card, files, SEED);
    const network = (name: "encoder" | "decoder") => {
      const { model, weights } = NETWORK_FILES[name];
      const plan = name === "encoder" ? planEncoder(spec) : planDecoder(spec);
      return readNetwork(card, name, plan, { model: files.get(model)!, weights: files.get(weights)! });
    };
    const model = createAutoencoder(spec, {
      encoder: await network("encoder"),
      decoder: await network("decoder"),
    });
    const mixture = await readMixture(card, files.get(SAMPLER_FILE));
    const [training, test] = [await loadDataset(MNIST, "train"), await loadDataset(MNIST, "t10k")];

    // The bound and its parts.
    const images = allImages(test);
    const posterior = model.encode(images);
    const loss = elbo(model, images, posterior, SEED);
    console.log(`${card.name}, ${test.count} test images`);
    console.log(`loss                 ${formatLoss(loss)}`);
    if (values.samples > 0) {
      const bound = importanceWeightedBound(model, images, posterior, {
        samples: values.samples,
        seed: SEED,
      });
      const title = `bound, ${values.samples} samples`;
      console.log(`${title.padEnd(20)} ${bound.toFixed(2)} nats`);
    }

    // The latent space.
    const { count: active } = activeUnits(posterior.mu, spec.latentDim);
    const means = model.encode(allImages(training)).mu;
    const knn = await knnAccuracy(
      means,
      training.labels,
      posterior.mu,
      test.labels,
      spec.latentDim,
      NEIGHBOURS,
    );
    console.log(`active units         ${active} of ${spec.latentDim}`);
    console.log(`k-NN of test means   ${percent(knn)} (k = ${NEIGHBOURS})`);
    const failure = findFailure({ loss, active, latentDim: spec.latentDim, pixels: 784 });
    if (failure) console.log(`failure              ${failure.message}`);

    // What it draws.
    const classifier = await loadClassifier();
    const real = classifier.features(images);
    const draw = (latents: Float32Array) => model.decode(latents).map((logit) => 1 / (1 + Math.exp(-logit)));
    const latentsOf = (choice: (i: number) => Parameters<typeof drawLatent>[1]) => {
      const latents = new Float32Array(test.count * spec.latentDim);
      for (let i = 0; i < test.count; i++) {
        latents.set(drawLatent(`${SEED}/${i}`, choice(i), spec.latentDim, mixture), i * spec.latentDim);
      }
      return latents;
    };
    const digits = Uint8Array.from({ length: test.count }, (_, i) => i % 10);
    const { training: chosen } = splitTraining(training.count, SEED);
    const floor = gatherImages(training, chosen.subarray(0, test.count));
    printHeader();
    printRow("training images", await judgeImages(classifier, real, floor));
    printRow("reconstructions", await judgeImages(classifier, real, draw(posterior.mu), test.labels));
    const prior = latentsOf(() => ({ sampler: "prior" }));
    printRow("N(0, I)", await judgeImages(classifier, real, draw(prior)));
    if (mixture) {
      const drawn = latentsOf((i) => ({ digit: digits[i]! }));
      printRow("mixture, digit=", await judgeImages(classifier, real, draw(drawn), digits));
    }
  },
});

function allImages(data: Dataset): Float32Array {
  return gatherImages(
    data,
    Uint32Array.from({ length: data.count }, (_, i) => i),
  );
}
