// What the evaluation of a run finds, as it lies in the run's folder: `evaluate` writes it, the report reads it.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { RunError } from "../errors.ts";
import { quotePath } from "../shell-quote.ts";
import { replaceJson } from "../train/replace-file.ts";

export const EVALUATION_FILE = "evaluation.json";
const SCHEMA = 2;

/** Images that a model was not trained on: those that choices are made by, and those for the figures once all are made. */
export const SPLITS = ["validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** A diverged model's figures need not be finite; JSON has null for these. */
const measured = v.pipe(
  v.nullable(v.number()),
  v.transform((value) => value ?? Number.NaN),
);

/** Nats per image; total = reconstruction + kl. */
const MeasuredLossSchema = v.strictObject({ reconstruction: measured, kl: measured, total: measured });

/** A set of images scored by the classifier, against the evaluated images as they are. */
const JudgementSchema = v.strictObject({
  /** Images judged; the other figures compare at equal counts only. */
  images: count,
  /** Fréchet distance in the classifier's features. */
  frechet: measured,
  precision: share,
  recall: share,
  /** Images that the classifier takes for each digit, [10]. */
  classCounts: v.pipe(v.array(count), v.length(10)),
  /** Variance of the Laplacian, as a multiple of the evaluated images'. */
  sharpness: v.optional(measured),
  /** Share recognised as the digit that was meant, where one was. */
  classAccuracy: v.optional(share),
});

/** How a model with codes uses its codebook. */
const CodeUseSchema = v.strictObject({
  /** Codes in the codebook, and those that occur in the evaluated images. */
  size: count,
  used: count,
  /** exp of the entropy of their frequencies. */
  perplexity: measured,
});

/** One set of weights on the evaluated images. */
const ModelMetricsSchema = v.strictObject({
  /** Negative ELBO; the KL of a model with codes is -log p(codes), summed over the digits by their shares. */
  loss: MeasuredLossSchema,
  /** Of a model with codes: with -log p(codes | digit) for the KL, which compares with no other kind of model. */
  lossGivenDigit: v.optional(MeasuredLossSchema),
  /** The importance-weighted bound, nats per image; an NLL for models trained and evaluated on binarised images only. */
  bound: v.optional(
    v.strictObject({
      samples: v.pipe(v.number(), v.integer(), v.minValue(1)),
      nats: measured,
      isNll: v.boolean(),
    }),
  ),
  /** Of a Gaussian latent. */
  activeUnits: v.optional(count),
  /** Of the evaluated images' means among the training images', k = 10; of a Gaussian latent. */
  knnAccuracy: v.optional(share),
  codes: v.optional(CodeUseSchema),
  /** Divergence or collapse in one sentence, where found. */
  failure: v.optional(v.string()),
  /** What it draws; only of handwritten digits, which the classifier knows. */
  draws: v.optional(
    v.strictObject({
      /** Of the evaluated images themselves: the floor is no distance at all. */
      reconstructions: JudgementSchema,
      /** Of the floor's training images: the least that a prior can reach with this decoder. */
      trainingReconstructions: JudgementSchema,
      /** From N(0, I); from the learned prior of codes, each digit as often as in the evaluated images. */
      prior: JudgementSchema,
      /** From the learned prior of codes below temperature 1. */
      cooler: v.optional(v.array(v.strictObject({ temperature: v.number(), judgement: JudgementSchema }))),
      /** From the mixture per digit, each digit as often as in the evaluated images. */
      mixture: v.optional(JudgementSchema),
    }),
  ),
});

const EvaluationSchema = v.strictObject({
  schema: v.literal(SCHEMA),
  /** Of the run when it was evaluated. */
  epochs: count,
  /** Of the prior over codes, of a model that has one. */
  priorEpochs: v.optional(count),
  /** The data set's name, which of its images, and how many. */
  data: v.string(),
  on: v.picklist(SPLITS),
  images: count,
  /** As many training images: the floor of sets that are independent of the evaluated images. */
  floor: v.optional(JudgementSchema),
  float: v.optional(ModelMetricsSchema),
  quantized: v.optional(ModelMetricsSchema),
});

export type Judgement = v.InferOutput<typeof JudgementSchema>;
export type ModelMetrics = v.InferOutput<typeof ModelMetricsSchema>;
export type Evaluation = v.InferOutput<typeof EvaluationSchema>;

/** The images in words, such as "6,000 validation images". */
export function describeImages({ images, on }: Pick<Evaluation, "images" | "on">): string {
  return `${images.toLocaleString("en-US")} ${on} images`;
}

/** Of a model with codes: bits per image of its codes, given the digit. */
export function bitsOf({ lossGivenDigit }: ModelMetrics): number | undefined {
  return lossGivenDigit && lossGivenDigit.kl / Math.LN2;
}

/** The command that evaluates a run, to be pasted. */
export function evaluateCommandOf(run: string): string {
  return `npm run evaluate -- ${quotePath(run)}`;
}

export async function writeEvaluation(run: string, evaluation: Evaluation): Promise<void> {
  await replaceJson(join(run, EVALUATION_FILE), evaluation);
}

/**
 * The last evaluation of a run; undefined where it has none that says on which images it was.
 * @throws RunError where the file is damaged
 */
export async function readEvaluation(run: string): Promise<Evaluation | undefined> {
  const path = join(run, EVALUATION_FILE);
  if (!existsSync(path)) return undefined;
  const help = `write it again with "${evaluateCommandOf(run)}"`;
  let value: { schema?: unknown } | null;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new RunError(`${path} is not JSON; ${help}`, { cause });
  }
  if (typeof value?.schema === "number" && value.schema !== SCHEMA) return undefined;
  const result = v.safeParse(EvaluationSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RunError(`${path}: ${v.getDotPath(issue) ?? "document"}: ${issue.message}; ${help}`);
}
