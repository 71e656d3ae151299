// Evaluates a model with a Gaussian latent: its bound, its latent space, and what it draws.

import { logDensity } from "../../../shared/latent/gaussian/mixture-density.ts";
import type { LatentChoice, OpenLatent } from "../../../shared/latent/latent-kind.ts";
import { size } from "../../../shared/model/spec.ts";
import type { Figure } from "../../evaluate/evaluation.ts";
import {
  type EvaluateOptions,
  type EvaluationSet,
  type Measured,
  SEED,
  type Subject,
} from "../../evaluate/evaluation-set.ts";
import { findDivergence } from "../../evaluate/failure.ts";
import { FROM_NORMAL, grouped, percent } from "../../evaluate/figures.ts";
import { latentsOf } from "../points.ts";
import { activeUnits, findPosteriorCollapse } from "./active-units.ts";
import { createAutoencoder } from "./autoencoder.ts";
import { elbo, importanceWeightedBound } from "./bound.ts";
import { knnAccuracy } from "./knn.ts";
import { dissect, type LearnedPrior, surgeryFigures } from "./surgery.ts";

const NEIGHBOURS = 10;
const PRIOR_DRAWS = 2000;
export const MIXTURE = "mixture";
export const KNN_ACCURACY = `${NEIGHBOURS}-NN class accuracy of the means`;

/** The mixture as a prior, where it was fitted. */
export function mixturePrior({ mixture }: OpenLatent): LearnedPrior | undefined {
  return (
    mixture && { name: MIXTURE, logDensity: (latent) => logDensity(mixture, latent), draws: PRIOR_DRAWS }
  );
}

/**
 * All figures of one set of weights.
 * @param model  by default that of the subject's spec
 * @param learned  what it draws from by default
 */
export async function evaluateGaussian(
  subject: Subject,
  { images, labels, isBinarised, likelihood, isDeterministic, training }: EvaluationSet,
  { samples, onProgress = () => {} }: EvaluateOptions,
  { model = createAutoencoder(subject.spec, subject), learned = mixturePrior(subject.latent) } = {},
): Promise<Measured> {
  const { spec, latent } = subject;
  const dim = model.latentDim;
  const count = labels.length;
  const evaluated = { images, labels };

  const { nllOf } = likelihood;
  const ofPixel = nllOf(new Float32Array(1), new Float32Array(1));

  onProgress("the bound");
  const posterior = model.encode(evaluated);
  const loss = elbo(model, evaluated, posterior, { seed: SEED, nllOf, isDeterministic });
  const figures: Figure[] = [];
  if (samples > 0) {
    const onImage = (done: number) => {
      if (done % 100 === 0) onProgress(`the bound by ${samples} samples, image ${done} of ${count}`);
    };
    const nats = importanceWeightedBound(model, evaluated, posterior, {
      samples,
      seed: SEED,
      nllOf,
      onImage,
    });
    const name = `${isBinarised || likelihood.isOfGrey ? "NLL" : "Bound"} by ${grouped(samples)} samples, nats`;
    figures.push({ name, value: nats, text: nats.toFixed(2) });
  }

  onProgress("the latent space");
  const { count: active } = activeUnits(posterior.mu, dim);
  const dissection = dissect(posterior, dim, learned, SEED);
  const trainingMeans = model.encode(training).mu;
  const knn = await knnAccuracy(trainingMeans, training.labels, posterior.mu, labels, dim, NEIGHBOURS);

  const draw = (choice: (i: number) => LatentChoice) =>
    model.decode(latentsOf(Array.from(labels, (_, i) => latent.draw(`${SEED}/${i}`, choice(i)))), labels);
  const ofDigits = () => draw((i) => ({ digit: labels[i]! }));
  return {
    loss,
    figures: [
      ...figures,
      { name: "Active units", value: active, text: `${active} of ${dim}` },
      ...surgeryFigures(dissection),
      { name: KNN_ACCURACY, value: knn, text: percent(knn) },
    ],
    klPerDimension: [...dissection.klPerDimension],
    failure: findDivergence(loss, size(spec.input), ofPixel) ?? findPosteriorCollapse(loss.kl, active, dim),
    reconstruct: (of) => model.decode(model.encode(of).mu, of.labels),
    draws: [
      ...(latent.mixture ? [{ name: MIXTURE, digits: labels, logits: ofDigits }] : []),
      { name: FROM_NORMAL, logits: () => draw(() => ({ sampler: "prior" })) },
    ],
  };
}
