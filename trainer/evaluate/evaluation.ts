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
  /** Share recognised as the digit that was meant, where one was. */
  classAccuracy: v.optional(share),
});

/** One set of weights on the test images. */
const ModelMetricsSchema = v.strictObject({
  /** Negative ELBO, nats per image. */
  loss: LossSchema,
  /** The importance-weighted bound, nats per image; an NLL for models trained and evaluated on binarised images only. */
  bound: v.optional(
    v.strictObject({
      samples: v.pipe(v.number(), v.integer(), v.minValue(1)),
      nats: v.number(),
      isNll: v.boolean(),
    }),
  ),
  activeUnits: count,
  /** Of the test images' means among the training images', k = 10. */
  knnAccuracy: share,
  /** Divergence or collapse in one sentence, where found. */
  failure: v.optional(v.string()),
  /** What it draws; only of handwritten digits, which the classifier knows. */
  draws: v.optional(
    v.strictObject({
      reconstructions: JudgementSchema,
      /** From N(0, I). */
      prior: JudgementSchema,
      /** From the mixture per digit, each digit as often as in the test images. */
      mixture: v.optional(JudgementSchema),
    }),
  ),
});

export const EvaluationSchema = v.strictObject({
  schema: v.literal(1),
  /** Of the run when it was evaluated. */
  epochs: count,
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
