// What the evaluation of a run finds, as it lies in the run's folder: `evaluate` writes it, the report reads it.

import * as v from "valibot";
import { LossSchema } from "../../shared/release.ts";

export const EVALUATION_FILE = "evaluation.json";

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A set of images before the classifier, beside the test images. */
const JudgementSchema = v.strictObject({
  /** Images judged; the other figures compare at equal counts only. */
  images: count,
  /** Fréchet distance from the test images in the classifier's features. */
  frechet: v.pipe(v.number(), v.minValue(0)),
  precision: share,
  recall: share,
  /** Images that the classifier takes for each digit, [10]. */
  classCounts: v.pipe(v.array(count), v.length(10)),
  /** Variance of the Laplacian, as a multiple of the test images'. */
  sharpness: v.optional(v.pipe(v.number(), v.minValue(0))),
  /** Share recognised as the digit that was meant, where one was. */
  classAccuracy: v.optional(share),
});

/** Of a model with codes. */
const CodeUseSchema = v.strictObject({
  /** -log p(codes | digit) under the prior, bits per image: the loss's KL. */
  bits: v.pipe(v.number(), v.minValue(0)),
  /** Codes in the codebook, and those that occur in the test images. */
  size: count,
  used: count,
  /** exp of the entropy of their frequencies. */
  perplexity: v.pipe(v.number(), v.minValue(1)),
});

/** One set of weights on the test images. */
const ModelMetricsSchema = v.strictObject({
  /** Negative ELBO, nats per image; of a model with codes given the image's digit, which its prior is told. */
  loss: LossSchema,
  /** The importance-weighted bound, nats per image; an NLL for models trained and evaluated on binarised images only. */
  bound: v.optional(
    v.strictObject({
      samples: v.pipe(v.number(), v.integer(), v.minValue(1)),
      nats: v.number(),
      isNll: v.boolean(),
    }),
  ),
  /** Of a Gaussian latent. */
  activeUnits: v.optional(count),
  /** Of the test images' means among the training images', k = 10; of a Gaussian latent. */
  knnAccuracy: v.optional(share),
  codes: v.optional(CodeUseSchema),
  /** Divergence or collapse in one sentence, where found. */
  failure: v.optional(v.string()),
  /** What it draws; only of handwritten digits, which the classifier knows. */
  draws: v.optional(
    v.strictObject({
      reconstructions: JudgementSchema,
      /** From N(0, I); from the learned prior of codes, each digit as often as in the test images. */
      prior: JudgementSchema,
      /** From the learned prior of codes below temperature 1. */
      cooler: v.optional(v.array(v.strictObject({ temperature: v.number(), judgement: JudgementSchema }))),
      /** From the mixture per digit, each digit as often as in the test images. */
      mixture: v.optional(JudgementSchema),
    }),
  ),
});

export const EvaluationSchema = v.strictObject({
  schema: v.literal(1),
  /** Of the run when it was evaluated. */
  epochs: count,
  /** Of the prior over codes, of a model that has one. */
  priorEpochs: v.optional(count),
  /** The data set's name, and how many of its test images. */
  data: v.string(),
  testImages: count,
  /** The test images themselves, and as many training images: what a perfect model would reach. */
  floor: v.optional(v.strictObject({ test: JudgementSchema, training: JudgementSchema })),
  float: v.optional(ModelMetricsSchema),
  quantized: v.optional(ModelMetricsSchema),
});

export type Judgement = v.InferOutput<typeof JudgementSchema>;
export type ModelMetrics = v.InferOutput<typeof ModelMetricsSchema>;
export type Evaluation = v.InferOutput<typeof EvaluationSchema>;
