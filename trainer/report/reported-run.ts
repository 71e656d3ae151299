// What the report shows of one run; run.ts reads it.

import type { Decoder } from "../../shared/decoder/decoder.ts";
import type { OpenLatent } from "../../shared/latent/latent-kind.ts";
import type { Weights } from "../../shared/model/weights.ts";
import type { EpochRecord, Loss } from "../../shared/release/release.ts";
import type { LabelledImages } from "../data/batch.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import type { TrainingImages } from "../evaluate/nearest-training.ts";
import type { StageHistories } from "../latent/stages.ts";
import type { TrainingConfig } from "../train/config.ts";
import type { EpochPicture } from "./elements.ts";
import type { Figure } from "./figure.ts";

export interface ReportedRun {
  /** What the report calls it. */
  readonly name: string;
  readonly folder: string;
  readonly config: TrainingConfig;
  readonly backend: string;
  readonly machine?: string | undefined;
  readonly history: readonly EpochRecord[];
  /** The record of the epoch whose weights the run ends with. */
  readonly final: EpochRecord;
  /** Of these weights; for a model with codes under its learned prior. */
  readonly validation: Loss;
  /** A few of each kind, in order. Only models that can sample in their first stage have `samples`. */
  readonly pictures: Readonly<
    Record<"reconstructions" | "samples" | "stageSamples", readonly EpochPicture[]>
  >;
  readonly stages: StageHistories;
  /** Of the test images. */
  readonly latentView: LatentView;
  readonly decoder: Decoder;
  readonly latent: OpenLatent;
  /** Of the weights that the run ends with. */
  readonly evaluation: Evaluation | undefined;
  readonly anatomy: Anatomy;
}

/** What explains a run's latent. */
export interface Anatomy {
  readonly figures: readonly Figure[];
  /** The KL to the prior that it draws from by default, nats per validation image, where that can be told. */
  readonly learned?: { readonly name: string; readonly rate: number };
}

/** A run whose anatomy is being made. */
export interface DissectedRun extends Omit<ReportedRun, "anatomy"> {
  /** Of encoder and decoder. */
  readonly tensors: Weights;
  readonly images: DissectedImages;
}

export interface DissectedImages extends TrainingImages {
  /** As the model sees them. */
  readonly validation: LabelledImages;
  readonly test: LabelledImages;
  /** The test images in grey, float32 [n, 28, 28] in [0, 1], flat. */
  readonly greyTest: Float32Array;
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
