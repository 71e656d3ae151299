// What the report shows of one run: see run.ts, which reads it.

import type { Decoder } from "../../shared/decoder/decoder.ts";
import type { Mixture } from "../../shared/latent/gaussian/mixture.ts";
import type { Sampler } from "../../shared/latent/sampler.ts";
import type { EpochRecord, Loss, PriorEpoch } from "../../shared/release/release.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import type { TrainingConfig } from "../train/config.ts";

export interface ReportedRun {
  /** What the report calls it. */
  readonly name: string;
  readonly folder: string;
  readonly config: TrainingConfig;
  readonly backend: string;
  readonly history: readonly EpochRecord[];
  /** The record of the epoch whose weights the run ends with. */
  readonly final: EpochRecord;
  /** Of these weights; of a model with codes under the prior that it has learned. */
  readonly validation: Loss;
  readonly pictures: readonly EpochPictures[];
  /** What the prior over codes drew while it learned, of a model that has them. */
  readonly priorPictures: readonly { readonly epoch: number; readonly samples: Uint8Array }[];
  /** Of that prior. */
  readonly priorHistory?: readonly PriorEpoch[];
  /** Of the means of q(z|x) of the test images, or of the embeddings of their codes. */
  readonly latentView: LatentView;
  readonly decoder: Decoder;
  readonly sampler: Sampler;
  /** Of a Gaussian latent. */
  readonly mixture?: Mixture;
  /** Of the weights that the run ends with, not of those before it went on. */
  readonly evaluation: Evaluation | undefined;
}

/** PNG files of one epoch. */
export interface EpochPictures {
  readonly epoch: number;
  readonly reconstructions: Uint8Array;
  /** Of a model with codes none: its prior learns in epochs of its own. */
  readonly samples?: Uint8Array;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Class, 0 to 9. */
  readonly label: number;
}

export interface LatentView {
  readonly points: readonly Point[];
  readonly axes: { readonly x: string; readonly y: string };
  /** How the points were made, in a sentence. */
  readonly caption: string;
}
