// What the evaluation of a run finds, as it lies in the run's folder: `evaluate` writes it, the report reads it.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { RunError } from "../errors.ts";
import { quotePath } from "../shell-quote.ts";
import { replaceJson } from "../train/replace-file.ts";

export const EVALUATION_FILE = "evaluation.json";
export const EVALUATION_SCHEMA = 3;

/** Images that a model was not trained on: those that choices are made by, and those for the figures once all are made. */
export const SPLITS = ["validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** By digit. */
const digitCounts = v.pipe(v.array(count), v.length(10));
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
  classCounts: digitCounts,
  /** Variance of the Laplacian, as a multiple of the evaluated images'. */
  sharpness: measured,
  /** Share recognised as the digit that was meant, where one was. */
  classAccuracy: v.optional(share),
});

/** A number with its name, and as tables show it. */
const FigureSchema = v.strictObject({ name: v.string(), value: measured, text: v.string() });

/** One set of weights on the evaluated images. */
const ModelMetricsSchema = v.strictObject({
  /** The negative ELBO. */
  loss: MeasuredLossSchema,
  /** Those of its kind of latent, in the order of the tables. */
  figures: v.array(FigureSchema),
  /** KL(q(z_i|x) || N(0, 1)) of each latent dimension, nats, of kinds that have such a posterior. */
  klPerDimension: v.optional(v.array(measured)),
  /** Divergence or collapse in one sentence, where found. */
  failure: v.optional(v.string()),
  /** What it draws, by name, in the order of the tables; only of handwritten digits, which the classifier knows. */
  draws: v.optional(v.record(v.string(), JudgementSchema)),
  /** Of the first of its draws: a row for each digit that was asked for, in it how many are recognised as 0 to 9. */
  confusion: v.optional(v.pipe(v.array(digitCounts), v.length(10))),
  /** What gives away the first of its draws, which is what requests get by default. */
  realism: v.optional(v.array(FigureSchema)),
});

const EvaluationSchema = v.strictObject({
  schema: v.literal(EVALUATION_SCHEMA),
  /** Of the run when it was evaluated. */
  epochs: count,
  /** Of the stages after the first, by name. */
  stageEpochs: v.record(v.string(), count),
  /** The data set's name, which of its images, and how many. */
  data: v.string(),
  on: v.picklist(SPLITS),
  images: count,
  /** As many training images: the floor of sets that are independent of the evaluated images. */
  floor: v.optional(JudgementSchema),
  /** The same figures of real images as those of what is drawn. */
  realism: v.optional(v.array(FigureSchema)),
  /** Absent for a release, which has quantized weights alone. */
  float: v.optional(ModelMetricsSchema),
  quantized: ModelMetricsSchema,
});

export type Figure = Readonly<v.InferOutput<typeof FigureSchema>>;
export type Judgement = v.InferOutput<typeof JudgementSchema>;
export type ModelMetrics = v.InferOutput<typeof ModelMetricsSchema>;
export type Evaluation = v.InferOutput<typeof EvaluationSchema>;

/** The images in words, such as "6,000 validation images". */
export function describeImages({ images, on }: Pick<Evaluation, "images" | "on">): string {
  return `${images.toLocaleString("en-US")} ${on} images`;
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
  if (typeof value?.schema === "number" && value.schema !== EVALUATION_SCHEMA) return undefined;
  const result = v.safeParse(EvaluationSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RunError(`${path}: ${v.getDotPath(issue) ?? "document"}: ${issue.message}; ${help}`);
}
