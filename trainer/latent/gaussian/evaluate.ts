// Evaluates a model with a Gaussian latent: its bound, its latent space, and what it draws.

import { latentDim } from "../../../shared/latent/kind.ts";
import type { LatentChoice } from "../../../shared/latent/latent-kind.ts";
import { size } from "../../../shared/model/spec.ts";
import type { ModelMetrics } from "../../evaluate/evaluation.ts";
import {
  type Baseline,
  type EvaluateOptions,
  type EvaluationSet,
  SEED,
  type Subject,
} from "../../evaluate/evaluation-set.ts";
import { findDivergence } from "../../evaluate/failure.ts";
import { activeUnits, findPosteriorCollapse } from "./active-units.ts";
import { createAutoencoder } from "./autoencoder.ts";
import { elbo, importanceWeightedBound } from "./bound.ts";
import { knnAccuracy } from "./knn.ts";

const NEIGHBOURS = 10;

/** All figures of one set of weights. */
export async function evaluateGaussian(
  { spec, encoder, decoder, latent }: Subject,
  { images, labels, isBinarised, training, baseline }: EvaluationSet,
  { samples, onProgress = () => {} }: EvaluateOptions,
): Promise<ModelMetrics> {
  const dim = latentDim(spec);
  const count = labels.length;
  const model = createAutoencoder(spec, { encoder, decoder });

  onProgress("the bound");
  const posterior = model.encode(images);
  const loss = elbo(model, images, posterior, SEED);
  const onImage = (done: number) => {
    if (done % 100 === 0) onProgress(`the bound by ${samples} samples, image ${done} of ${count}`);
  };
  const bound = samples > 0 && {
    samples,
    nats: importanceWeightedBound(model, images, posterior, { samples, seed: SEED, onImage }),
    isNll: isBinarised,
  };

  onProgress("the latent space");
  const { count: active } = activeUnits(posterior.mu, dim);
  const failure = findDivergence(loss, size(spec.input)) ?? findPosteriorCollapse(loss.kl, active, dim);
  const trainingMeans = model.encode(training.images).mu;
  const knn = await knnAccuracy(trainingMeans, training.labels, posterior.mu, labels, dim, NEIGHBOURS);

  return {
    loss,
    ...(bound && { bound }),
    activeUnits: active,
    knnAccuracy: knn,
    ...(failure && { failure }),
    ...(baseline && { draws: await judgeDraws(baseline) }),
  };

  async function judgeDraws({ judge, others }: Baseline): Promise<ModelMetrics["draws"]> {
    const drawn = (latents: Float32Array) => model.decode(latents).map((logit) => 1 / (1 + Math.exp(-logit)));
    const latentsOf = (choice: (i: number) => LatentChoice) => {
      const latents = new Float32Array(count * dim);
      for (let i = 0; i < count; i++) {
        latents.set(latent.draw(`${SEED}/${i}`, choice(i)).latent, i * dim);
      }
      return latents;
    };
    onProgress("its reconstructions");
    const reconstructions = await judge(drawn(posterior.mu), labels);
    const trainingReconstructions = await judge(drawn(model.encode(others.images).mu), others.labels);
    onProgress("what it draws from N(0, I)");
    const prior = await judge(drawn(latentsOf(() => ({ sampler: "prior" }))));
    const draws = { reconstructions, trainingReconstructions, prior };
    if (!latent.mixture) return draws;
    onProgress("what it draws from its mixture");
    const ofDigits = await judge(drawn(latentsOf((i) => ({ digit: labels[i]! }))), labels);
    return { ...draws, mixture: ofDigits };
  }
}
