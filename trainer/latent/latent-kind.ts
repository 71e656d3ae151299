// What differs between kinds of latent in training. A kind is a folder here with an object that satisfies LatentKind; kind.ts
// says which one a model has, and nobody else asks. It has all that serving needs too, from shared/latent.

import type { OpenLatent, LatentKind as ServedKind } from "../../shared/latent/latent-kind.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import type { Weights } from "../../shared/model/weights.ts";
import type { EpochRecord } from "../../shared/release/release.ts";
import type { BackendName } from "../backend/registry.ts";
import type { DataSource, Dataset, splitTraining } from "../data/dataset.ts";
import type { Figure } from "../evaluate/evaluation.ts";
import type { EvaluateOptions, EvaluationSet, Measured, Subject } from "../evaluate/evaluation-set.ts";
import type { CreateBottleneck } from "../model/bottleneck.ts";
import type { Vae } from "../model/vae.ts";
import type { Html } from "../report/elements.ts";
import type { Anatomy, DissectedRun, ReportedRun } from "../report/reported-run.ts";
import type { Meaningless, OptionName, TrainingConfig } from "../train/config.ts";
import type { LossSeries } from "../train/curves.ts";
import type { DataDigests } from "../train/run-folder.ts";
import type { Stage, StageHistories } from "./stages.ts";

export interface LatentKind extends ServedKind {
  /** After "models" or "trained", such as "with codes". */
  readonly described: string;

  /** Why a release of it cannot be published, where it cannot. */
  readonly unserved?: string;
  /** Options that would do nothing for a model of this kind, or not what they say, with the reason. */
  readonly meaningless: Meaningless;
  /** Of options whose usual default does not suit it. */
  readonly defaults?: Partial<Pick<TrainingConfig, OptionName>>;
  /** Those that train it; without, all do. */
  readonly backends?: readonly BackendName[];
  readonly createBottleneck: CreateBottleneck;
  /** A PNG of what the model draws during its first stage, the same latents in every epoch; without, it cannot draw yet. */
  readonly drawSamples?: (vae: Vae, seed: string) => Promise<Uint8Array>;
  /** What follows the first stage, in this order. */
  readonly stages: readonly Stage[];
  /** Losses over the epochs, for curves: a part that tells nothing is left out. */
  readonly lossesOn: (
    on: "training" | "validation",
    history: readonly EpochRecord[],
    stages?: StageHistories,
  ) => LossSeries["points"];

  /**
   * The weights that a run ends with; without, those that its first stage ends with.
   * @throws RunError where a later stage that changes them is missing, or was trained on other weights
   */
  readonly finalTensors?: (folder: string, config: TrainingConfig, first: Weights) => Promise<Weights>;

  /**
   * Typical inputs of the decoder, which quantization keeps the outputs for.
   * @param images  float32 [pixels] each
   * @param digits  on the images
   */
  readonly typicalLatents: (
    spec: ModelSpec,
    tensors: Weights,
    images: readonly Float32Array[],
    digits: Uint8Array,
  ) => Float32Array[];
  /** @throws RunError where a stage was trained on other weights */
  readonly pack: (run: FinishedRun) => Promise<PackedLatent>;

  /**
   * A run's latent with float weights.
   * @param released  of a release of the run, for what need not be fitted again
   * @throws RunError where a stage is missing, or was trained on other weights
   */
  readonly openFloat: (
    run: FinishedRun,
    released: OpenLatent | undefined,
    onProgress: (task: string, done: number, total: number) => void,
  ) => Promise<OpenLatent>;
  readonly evaluate: (subject: Subject, set: EvaluationSet, options: EvaluateOptions) => Promise<Measured>;
  readonly report: LatentReport;
}

/** A run whose first stage is trained, and those after it that change encoder or decoder. */
export interface FinishedRun {
  readonly folder: string;
  readonly config: TrainingConfig;
  /** That computed it. */
  readonly backend: string;
  readonly machine?: string | undefined;
  /** Of the first stage, and of those after it. */
  readonly history: readonly EpochRecord[];
  readonly stages: StageHistories;
  /** The weights of encoder and decoder that it ends with, and what else the first stage has learned. */
  readonly tensors: Weights;
  readonly source: DataSource;
  /** Of the source's files, by name. */
  readonly digests: DataDigests;
  /** The training file, and how the run split it. */
  readonly data: Dataset;
  readonly split: ReturnType<typeof splitTraining>;
}

/** The decoder's input for an encoder's output, and its KL in nats; `noise` is [latentDim] of N(0, 1). */
export type Passage = (
  outputs: Float32Array,
  noise: Float32Array,
  label: number,
) => { readonly z: Float32Array; readonly kl: number };

export interface PackedLatent {
  /** Root mean square by which rounded weights move what is drawn, in deviations of the latents, where weights draw. */
  readonly latentShift?: number;
  /** With float weights, and with those of the files. */
  readonly passages: { readonly float: Passage; readonly quantized: Passage };
  /** Its files. What takes minutes is done here, once the release has passed its gate. */
  readonly files: (
    onProgress: (done: number, total: number) => void,
  ) => Promise<ReadonlyMap<string, Uint8Array>>;
}

/** What reports and tables say of a kind. */
export interface LatentReport {
  /** Whether its losses are given the digit: then they compare with those of no other kind. */
  readonly isGivenDigit: boolean;
  readonly words: {
    readonly loss: string;
    readonly kl: string;
    /** What images are reconstructed from, what the map of the latent space shows, and what the encoder's layers end in. */
    readonly reconstructed: string;
    readonly latents: string;
    readonly encoder: string;
    /** Where a digit that is asked for comes from. */
    readonly classes: string;
  };
  readonly architectureNote: (spec: ModelSpec) => Html | undefined;
  readonly curveNotes: (config: TrainingConfig) => readonly string[];
  /** What it drew over the epochs. */
  readonly samples: (run: ReportedRun) => Html;
  /** Captions of the digits asked for and of those left to the seed, and the latter's text for those who see no picture. */
  readonly digits: (run: ReportedRun) => {
    readonly source: string;
    readonly others: string;
    readonly alt: string;
  };
  /** What explains its latent, as figures. */
  readonly anatomy: (run: DissectedRun) => Anatomy;
  /** What it draws from by default, if its KL is compared with that to N(0, I), and that KL among an evaluation's figures. */
  readonly learnedPrior?: {
    readonly name: string;
    readonly rate: (figures: readonly Figure[]) => number | undefined;
  };
  /** Names of the figures that head a report. */
  readonly keyFigures: readonly string[];
  /** Name of what it draws when it is asked for a digit. */
  readonly byClass: string;
}
