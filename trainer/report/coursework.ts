// What the coursework that this project grew from reports of its two models, to compare runs with.
// Source: https://github.com/marinnagc/ann-dl-marinnagc/tree/main/Exercises/VAE (its document, printed losses and loss
// curves). PyTorch; batch 128, Adam 1e-3, 20 epochs, grey MNIST split at random into 54,000 and 6,000. Parameters are
// counted from its code; the words are translated from Portuguese.

import { isDeepStrictEqual } from "node:util";
import { type PresetName, presets } from "../../shared/model/presets.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import type { TrainingConfig } from "../train/config.ts";

export const COURSEWORK_SOURCE = "https://github.com/marinnagc/ann-dl-marinnagc/tree/main/Exercises/VAE";

export interface CourseworkModel {
  /** Our preset of the same architecture. */
  readonly preset: PresetName;
  readonly name: string;
  readonly architecture: string;
  readonly latentDim: number;
  readonly epochs: number;
  readonly parameters: { readonly all: number; readonly decoder: number };
  /** Training loss, nats per image, of the epochs that it reports, ending with the last. */
  readonly training: readonly { readonly epoch: number; readonly total: number; readonly isReadOff?: true }[];
  /** Validation loss after the last epoch, nats per image, read off a curve. */
  readonly validation: number;
  readonly words: Readonly<Record<"reconstruction" | "sampling" | "complexity" | "latentSpace", string>>;
}

/** Whether a run has the architecture and the data of a coursework model, so that their losses compare. */
export function isComparable(config: TrainingConfig, { preset }: CourseworkModel): boolean {
  const { spec, data, binarise, likelihood } = config;
  const isSameLoss = !binarise && likelihood === "bernoulli" && !objectiveOf(config).isDeterministic;
  return data === "mnist" && isSameLoss && isDeepStrictEqual(spec, presets[preset]);
}

/** The MLP's loss as it is printed, summed over the training images of each epoch. */
const MLP_SUMS = [
  10413612.39, 9136260.22, 8923109.34, 8796323.19, 8700150.73, 8625501.69, 8562464.97, 8508978.16, 8465627.1,
  8424139.31, 8391912.65, 8362784.71, 8336323.15, 8313849.49, 8287752.75, 8268472.75, 8248185.89, 8230381.74,
  8213708.92, 8194243.2,
];
const TRAINING_IMAGES = 54_000;

export const courseworkModels: readonly CourseworkModel[] = [
  {
    preset: "mlp",
    name: "MLP-VAE",
    architecture: "Linear \u2013 ReLU \u2013 Linear",
    latentDim: 2,
    epochs: 20,
    parameters: { all: 631_188, decoder: 315_584 },
    training: MLP_SUMS.map((sum, i) => ({ epoch: i + 1, total: sum / TRAINING_IMAGES })),
    validation: 152.9,
    words: {
      reconstruction: "good, but often blurred",
      sampling: "OK, but with distorted shapes",
      complexity: "simple and light",
      latentSpace: "does not separate the classes so well",
    },
  },
  {
    preset: "cnn",
    name: "CNN-VAE",
    architecture: "Conv2d \u2013 ReLU \u2013 ConvTranspose2d",
    latentDim: 16,
    epochs: 20,
    parameters: { all: 220_385, decoder: 86_625 },
    training: [{ epoch: 20, total: 101.1, isReadOff: true }],
    validation: 101.4,
    words: {
      reconstruction: "more precise and sharper",
      sampling: "clear, well formed digits",
      complexity: "heavier, but still efficient",
      latentSpace: "classes better separated",
    },
  },
];
