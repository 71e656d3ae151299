// What differs between kinds of latent. A kind is a folder here with an object that satisfies LatentKind; kind.ts says which
// one a model has, and nobody else asks.

import type { Sampler } from "../../shared/latent/sampler.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import type { Weights } from "../../shared/model/weights.ts";
import type { PriorEpoch } from "../../shared/release/release.ts";
import type { BackendName } from "../backend/registry.ts";
import type { Dataset, splitTraining } from "../data/dataset.ts";
import type { Judgement, ModelMetrics, Split } from "../evaluate/evaluation.ts";
import type { EvaluateOptions, EvaluationSet, Subject } from "../evaluate/evaluation-set.ts";
import type { CreateBottleneck } from "../model/bottleneck.ts";
import type { Vae } from "../model/vae.ts";
import type { ReleaseFiles } from "../publish/stored-release.ts";
import type { Html } from "../report/elements.ts";
import type { ReportedRun } from "../report/reported-run.ts";
import type { Meaningless, TrainingConfig } from "../train/config.ts";
import type { Progress } from "../train/progress.ts";

export interface LatentKind {
  /** After "models" or "trained", such as "with codes". */
  readonly described: string;

  /** Options that would do nothing for a model of this kind, or not what they say, with the reason. */
  readonly meaningless: Meaningless;
  /** Those that train it, best first; without, all do. */
  readonly backends?: readonly BackendName[];
  /** @throws SpecError where the spec makes no second stage */
  readonly checkSpec: (spec: ModelSpec) => void;
  readonly createBottleneck: CreateBottleneck;
  /** A PNG of what the model draws during its first stage, the same latents in every epoch; without, it cannot draw yet. */
  readonly drawSamples?: (vae: Vae, seed: string) => Promise<Uint8Array>;
  /** Trains what follows the first stage, into the run's folder. */
  readonly trainSecondStage?: (run: SecondStageRun) => Promise<unknown>;
  /** The epochs of that stage in a run's folder; undefined where there are none. */
  readonly readSecondHistory: (folder: string) => Promise<readonly PriorEpoch[] | undefined>;

  /**
   * Typical inputs of the decoder, which quantization keeps the outputs for.
   * @param tensors  of the first stage
   * @param images  float32 [pixels] each
   */
  readonly typicalLatents: (
    spec: ModelSpec,
    tensors: Weights,
    images: readonly Float32Array[],
  ) => Float32Array[];
  /** @throws RunError where the second stage is unfinished, or of other weights */
  readonly packSecondStage: (run: FinishedRun) => Promise<PackedStage>;

  /** Whether there is a posterior to draw importance samples from. */
  readonly hasBound: boolean;
  readonly evaluate: (
    subject: Subject,
    set: EvaluationSet,
    options: EvaluateOptions,
  ) => Promise<ModelMetrics>;
  /** The model that a release was made from: the run's float weights, and what the release alone has. */
  readonly readFloat: (folder: string, tensors: Weights, released: Subject) => Promise<Subject>;

  /**
   * The run's own way to draw, with float weights.
   * @param findRelease  of the run, for what need not be fitted again
   */
  readonly openRun: (
    run: FinishedRun,
    findRelease: () => Promise<ReleaseFiles | undefined>,
    onProgress: (task: string, done: number, total: number) => void,
  ) => Promise<OpenRun>;
  readonly report: LatentReport;
}

export interface SecondStageRun {
  readonly config: TrainingConfig;
  readonly folder: string;
  readonly backend: string;
  readonly images: Dataset;
  readonly progress: Progress;
}

/** A run whose first stage is trained. */
export interface FinishedRun {
  readonly folder: string;
  readonly config: TrainingConfig;
  /** Of the first stage. */
  readonly tensors: Weights;
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

export interface PackedStage {
  /** With float weights, and with those of the files. */
  readonly passages: { readonly float: Passage; readonly quantized: Passage };
  /** Its files, and how they draw. What takes minutes is done here, once the release has passed its gate. */
  readonly finish: (onProgress: (done: number, total: number) => void) => Promise<{
    readonly files: ReadonlyMap<string, Uint8Array>;
    readonly sampler: Sampler;
  }>;
  readonly history?: readonly PriorEpoch[];
}

/** What a run draws from, and where it puts images. */
export interface OpenRun {
  readonly draws: Pick<ReportedRun, "sampler" | "mixture" | "priorHistory">;
  /** Images, float32 [n, pixels], flat, to the decoder's inputs without noise, float32 [n, latentDim], flat. */
  readonly latentsOf: (images: Float32Array) => Float32Array;
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
    /** Where a digit that is asked for comes from; and the prior, in the report's table and in the terminal's. */
    readonly classes: string;
    readonly prior: string;
    readonly priorRow: string;
  };
  /** Between an architecture's layers, such as "z 16"; and alone, such as 16. */
  readonly describeLatent: (spec: ModelSpec) => { readonly inLine: string; readonly size: string | number };
  /** Of the second stage. */
  readonly parameters: (spec: ModelSpec) => number;
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
  /** Title, value and unit. */
  readonly keyFigures: (metrics: ModelMetrics, on: Split) => [string, string, string][];
  /** What it draws when it is asked for a digit, and when it draws from N(0, I). */
  readonly byClass: (metrics: ModelMetrics) => Judgement | undefined;
  readonly fromNormal: (metrics: ModelMetrics) => Judgement | undefined;
}
