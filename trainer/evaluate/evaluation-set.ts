// The images that a model is evaluated on, and those that it is compared with.

import type { OpenLatent } from "../../shared/latent/latent-kind.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import type { StoredWeights } from "../../shared/model/weights.ts";
import { type LabelledImages, modelInputs } from "../data/batch.ts";
import {
  type DataSource,
  type Dataset,
  gatherImages,
  labelsOf,
  loadDataset,
  MNIST,
  shuffled,
  splitTraining,
} from "../data/dataset.ts";
import { type Likelihood, likelihoodOf } from "../model/likelihood.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import type { TrainingConfig } from "../train/config.ts";
import { type Classifier, loadClassifier } from "./classifier/classifier.ts";
import type { Judgement, ModelMetrics, Split } from "./evaluation.ts";
import { createJudge, type Judge } from "./judge.ts";
import type { RealImages, RealismOptions } from "./realism.ts";

/** Seeds all that is random in an evaluation. */
export const SEED = "evaluate";

/** All images are as the model sees them: binarised if it was trained on binarised ones. */
export interface EvaluationSet extends LabelledImages {
  readonly isBinarised: boolean;
  readonly likelihood: Likelihood;
  /** Whether the model's latents have no noise. */
  readonly isDeterministic: boolean;
  /** What the model was trained on. */
  readonly training: LabelledImages;
  /** Only for handwritten digits, which the classifier knows. */
  readonly baseline?: Baseline;
}

/** Scores sets of images against the evaluated ones, in grey. */
export interface Baseline {
  readonly classify: Classifier;
  readonly judge: Judge;
  /** As many training images as are evaluated, none of these among them, and their score. */
  readonly others: LabelledImages;
  readonly floor: Judgement;
  readonly real: RealImages;
}

/** A model with float or with quantized weights. */
export interface Subject {
  readonly spec: ModelSpec;
  readonly encoder: StoredWeights;
  readonly decoder: StoredWeights;
  readonly latent: OpenLatent;
}

/** What a kind of latent finds of a subject; JSON keeps all but the functions. */
export interface Measured extends Pick<ModelMetrics, "loss" | "figures" | "klPerDimension"> {
  readonly failure: string | undefined;
  /** To logits, float32 [n, pixels], flat. */
  readonly reconstruct: (images: LabelledImages) => Float32Array;
  /** What it draws, in the order of the tables, the default of requests first. */
  readonly draws: readonly DrawnSet[];
}

export interface DrawnSet {
  readonly name: string;
  /** The digits asked for, [n], if it can be asked. */
  readonly digits?: Uint8Array;
  /** Float32 [n, pixels], flat. */
  readonly logits: () => Float32Array;
}

export interface EvaluateOptions extends RealismOptions {
  /** Importance samples per image for the tighter bound, of a Gaussian latent; 0 for none. */
  readonly samples: number;
  /** Whether these weights are what is served, whose draws are looked at more closely. */
  readonly isServed?: boolean;
}

/** Decides the split of the training file, how the model sees images, and what its loss is. */
export type TrainedOn = Pick<TrainingConfig, "binarise" | "seed" | "limit" | "likelihood" | "objective">;

/**
 * Loads the images of a source and scores the training images.
 * @param on  "validation" takes the images that the run's own split keeps from training
 * @throws DatasetError
 */
export async function loadEvaluationSet(
  source: DataSource,
  on: Split,
  config: TrainedOn,
  onProgress: (task: string) => void = () => {},
): Promise<EvaluationSet> {
  onProgress(`reading the ${on} images`);
  const file = await loadDataset(source, "train");
  const { training, validation } = splitTraining(file.count, config.seed, config.limit);
  const data = on === "test" ? await loadDataset(source, "t10k") : file;
  const evaluated = on === "test" ? Uint32Array.from(data.labels.keys()) : validation;
  const seen = (images: Dataset, indices: Uint32Array): LabelledImages => ({
    images: modelInputs(images, indices, config),
    labels: labelsOf(images, indices),
  });
  const set = {
    ...seen(data, evaluated),
    isBinarised: config.binarise,
    likelihood: likelihoodOf(config),
    isDeterministic: objectiveOf(config).isDeterministic ?? false,
    training: seen(file, training),
  };
  if (source !== MNIST) return set;
  const excluded = new Set(on === "test" ? [] : validation);
  const others = shuffled(file.count, SEED)
    .filter((index) => !excluded.has(index))
    .subarray(0, evaluated.length);
  const { classify } = await loadClassifier();
  const real = {
    evaluated: gatherImages(data, evaluated),
    others: gatherImages(file, others),
    file,
    training,
  };
  const judge = await createJudge(classify, real.evaluated);
  const { confusion: _, ...floor } = await judge(real.others, labelsOf(file, others));
  return { ...set, baseline: { classify, judge, others: seen(file, others), floor, real } };
}
