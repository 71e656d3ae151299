// Evaluates one set of weights: the figures of its kind of latent, and what it draws, scored as it would be served.

import { pixelsFromLogits } from "../../shared/decoder/reference.ts";
import { outputActivation } from "../../shared/model/plan.ts";
import type { OutputActivation } from "../../shared/model/spec.ts";
import { kindOf } from "../latent/kind.ts";
import type { ModelMetrics } from "./evaluation.ts";
import type { DrawnSet, EvaluateOptions, EvaluationSet, Subject } from "./evaluation-set.ts";
import { RECONSTRUCTIONS, TRAINING_RECONSTRUCTIONS } from "./figures.ts";
import { realismOf } from "./realism.ts";
import { shareFigure, walkFigure } from "./unconditional.ts";

export async function evaluateModel(
  subject: Subject,
  set: EvaluationSet,
  options: EvaluateOptions,
): Promise<ModelMetrics> {
  const { reconstruct, draws, failure, ...measured } = await kindOf(subject.spec).evaluate(
    subject,
    set,
    options,
  );
  const metrics = {
    ...measured,
    figures: [...measured.figures],
    ...(failure !== undefined && { failure }),
  };
  if (!set.baseline) return metrics;
  const { classify, judge, others, real } = set.baseline;
  const { isServed, onProgress } = options;
  const activation = outputActivation(subject.spec);
  const sets: DrawnSet[] = [
    { name: RECONSTRUCTIONS, digits: set.labels, logits: () => reconstruct(set) },
    { name: TRAINING_RECONSTRUCTIONS, digits: others.labels, logits: () => reconstruct(others) },
    ...draws,
  ];
  const judged: ModelMetrics["draws"] = {};
  let [realism, ofDigits]: [ModelMetrics["realism"]?, ModelMetrics["confusion"]?] = [];
  for (const { name, digits, logits } of sets) {
    onProgress?.(`what it draws: ${name}`);
    const images = servedImages(logits(), activation);
    const { confusion, ...judgement } = await judge(images, digits);
    judged[name] = judgement;
    if (name !== draws[0]?.name) continue;
    ofDigits = confusion;
    if (isServed) realism = await realismOf(images, real, options);
  }
  if (isServed) {
    onProgress?.("walks between its draws");
    metrics.figures.push(walkFigure(subject, classify));
    const onDraw = (done: number) => onProgress?.(`the classes that it draws, draw ${done}`);
    metrics.figures.push(shareFigure(subject, set.training.labels, classify, onDraw));
  }
  return { ...metrics, draws: judged, confusion: ofDigits, realism };
}

/** Images as PNG files hold them: float32, multiples of 1/255. */
function servedImages(logits: Float32Array, activation: OutputActivation): Float32Array {
  return Float32Array.from(pixelsFromLogits(logits, activation), (byte) => byte / 255);
}
