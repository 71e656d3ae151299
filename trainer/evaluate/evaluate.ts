// A trained model before the test images: its bound, its latent space, and what it draws. Nothing is chosen by these figures.

import { drawLatent, type LatentChoice } from "../../shared/latent.ts";
import type { Mixture } from "../../shared/mixture.ts";
import { type ModelSpec, size } from "../../shared/model.ts";
import { createGenerator } from "../../shared/random.ts";
import type { StoredWeights } from "../../shared/weights.ts";
import { binarise } from "../augment.ts";
import { loadClassifier } from "../classifier/classifier.ts";
import { evaluateCodes } from "../codes/evaluate.ts";
import { type DataSource, type Dataset, gatherImages, loadDataset, MNIST, shuffled } from "../dataset.ts";
import { activeUnits } from "./active-units.ts";
import { createAutoencoder } from "./autoencoder.ts";
import { elbo, importanceWeightedBound } from "./bound.ts";
import type { Evaluation, ModelMetrics } from "./evaluation.ts";
import { findFailure } from "./failure.ts";
import { createJudge, type Judge } from "./judge.ts";
import { knnAccuracy } from "./knn.ts";

const NEIGHBOURS = 10;
/** Of all that is drawn for an evaluation. */
const SEED = "evaluate";

export interface TestSet {
  readonly training: Dataset;
  readonly test: Dataset;
  /** float32 [count of test, pixels], flat; binarised where the model is of binarised images. */
  readonly images: Float32Array;
  readonly isBinarised: boolean;
  /** Only for handwritten digits, which the classifier knows. */
  readonly judge?: Judge;
  readonly floor?: Evaluation["floor"];
}

/** A model with float or with quantized weights. */
export interface Subject {
  readonly spec: ModelSpec;
  readonly encoder: StoredWeights;
  readonly decoder: StoredWeights;
  readonly mixture?: Mixture | undefined;
  /** The codebook and its prior, of a model with codes. */
  readonly codes?: StoredWeights | undefined;
}

export interface EvaluateOptions {
  /** Importance samples per image for the tighter bound, of a Gaussian latent; 0 leaves it out. */
  readonly samples: number;
  /** Told what is being done. */
  readonly onProgress?: (task: string) => void;
}

/**
 * Loads the images of a source, and judges the test images themselves and as many training images.
 * @param options.isBinarised  draws every pixel of the test images black or white with its grey level as probability
 * @throws DatasetError
 */
export async function loadTestSet(
  source: DataSource,
  { isBinarised, onProgress }: { readonly isBinarised: boolean } & Pick<EvaluateOptions, "onProgress">,
): Promise<TestSet> {
  onProgress?.("reading the test images");
  const training = await loadDataset(source, "train");
  const test = await loadDataset(source, "t10k");
  const grey = allImages(test);
  const images = isBinarised ? binarise(grey, createGenerator(`${SEED}/binarise`)) : grey;
  if (source !== MNIST) return { training, test, images, isBinarised };
  const judge = await createJudge(await loadClassifier(), grey);
  const chosen = shuffled(training.count, SEED).subarray(0, test.count);
  const labels = Uint8Array.from(chosen, (index) => training.labels[index]!);
  const floor = {
    test: await judge(grey, test.labels),
    training: await judge(gatherImages(training, chosen), labels),
  };
  return { training, test, images, isBinarised, judge, floor };
}

/** All figures of one set of weights. */
export async function evaluateModel(
  subject: Subject,
  testSet: TestSet,
  options: EvaluateOptions,
): Promise<ModelMetrics> {
  const { codes, ...networks } = subject;
  if (codes) return evaluateCodes({ ...networks, codes }, testSet, SEED, options.onProgress);
  return evaluateGaussian(subject, testSet, options);
}

async function evaluateGaussian(
  { spec, encoder, decoder, mixture }: Subject,
  testSet: TestSet,
  { samples, onProgress = () => {} }: EvaluateOptions,
): Promise<ModelMetrics> {
  const { training, test, images, isBinarised, judge } = testSet;
  const { latentDim } = spec;
  const model = createAutoencoder(spec, { encoder, decoder });

  onProgress("the bound");
  const posterior = model.encode(images);
  const loss = elbo(model, images, posterior, SEED);
  const onImage = (done: number) => {
    if (done % 100 === 0) onProgress(`the bound by ${samples} samples, image ${done} of ${test.count}`);
  };
  const bound = samples > 0 && {
    samples,
    nats: importanceWeightedBound(model, images, posterior, { samples, seed: SEED, onImage }),
    isNll: isBinarised,
  };

  onProgress("the latent space");
  const { count: active } = activeUnits(posterior.mu, latentDim);
  const failure = findFailure({ loss, active, latentDim, pixels: size(spec.input) });
  const knn = await knnAccuracy(
    model.encode(allImages(training)).mu,
    training.labels,
    posterior.mu,
    test.labels,
    latentDim,
    NEIGHBOURS,
  );

  return {
    loss,
    ...(bound && { bound }),
    activeUnits: active,
    knnAccuracy: knn,
    ...(failure && { failure: failure.message }),
    ...(judge && { draws: await judgeDraws(judge) }),
  };

  async function judgeDraws(judge: Judge): Promise<ModelMetrics["draws"]> {
    const drawn = (latents: Float32Array) => model.decode(latents).map((logit) => 1 / (1 + Math.exp(-logit)));
    const latentsOf = (choice: (i: number) => LatentChoice) => {
      const latents = new Float32Array(test.count * latentDim);
      for (let i = 0; i < test.count; i++) {
        latents.set(drawLatent(`${SEED}/${i}`, choice(i), latentDim, mixture), i * latentDim);
      }
      return latents;
    };
    onProgress("its reconstructions");
    const reconstructions = await judge(drawn(posterior.mu), test.labels);
    onProgress("what it draws from N(0, I)");
    const prior = await judge(drawn(latentsOf(() => ({ sampler: "prior" }))));
    if (!mixture) return { reconstructions, prior };
    onProgress("what it draws from its mixture");
    const ofDigits = await judge(drawn(latentsOf((i) => ({ digit: test.labels[i]! }))), test.labels);
    return { reconstructions, prior, mixture: ofDigits };
  }
}

function allImages(data: Dataset): Float32Array {
  return gatherImages(
    data,
    Uint32Array.from({ length: data.count }, (_, i) => i),
  );
}
