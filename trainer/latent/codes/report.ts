// What reports say of models with codes. Their losses are given the digit, as the prior over the codes is.

import { html } from "hono/html";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { kindOf } from "../../../shared/latent/kind.ts";
import { weightCount } from "../../../shared/model/plan.ts";
import { bitsOf } from "../../evaluate/evaluation.ts";
import { epochFigures, grouped } from "../../report/elements.ts";
import type { LatentReport } from "../latent-kind.ts";

export const codesReport: LatentReport = {
  isGivenDigit: true,
  words: {
    loss: "validation loss, given the digit",
    kl: "codes, given the digit",
    reconstructed: "codes",
    latents: "Embeddings of the codes",
    encoder: "Encoder, to vectors beside the embeddings",
    classes: "its prior over codes",
    prior: "Prior of codes",
    priorRow: "prior, digit=",
  },
  architectureNote: (spec) => {
    const { layers, size: codes } = planPrior(spec);
    return html`<p class="note">Codebook of ${codes} codes and prior of ${layers.length} gated layers,
    ${layers.map(({ layer }) => layer.channels).join(", ")} channels: ${grouped(weightCount(kindOf(spec).weights(spec)))} parameters.</p>`;
  },
  curveNotes: ({ priorDropout }) => [
    "The KL is what the codes cost, given the digit, under the prior that is learned after the first stage, in epochs of its own.",
    ...(priorDropout > 0 ? ["That of training is with dropout."] : []),
  ],
  samples: ({ config, stages: { prior = [] }, pictures }) => {
    const unfinished =
      prior.length < config.priorEpochs && ` Not finished: ${prior.length} of ${config.priorEpochs} epochs.`;
    return html`<h4>Samples</h4>
      ${epochFigures(pictures.stageSamples, "Samples of the prior")}
      <p class="note">By the prior over its codes, which learns after these epochs in ${prior.length} of its own, from
      ${prior[0]!.validation.toFixed(1)} nats per validation image to
      ${prior.at(-1)!.validation.toFixed(1)}, given the digit: a column for each, by the same seeds in every epoch.${unfinished}</p>`;
  },
  digits: () => ({
    source: "which the prior over its codes is told",
    others: "As many of classes that the seeds choose.",
    alt: "Digits from the prior",
  }),
  keyFigures: (metrics, on) => {
    const { codes, loss, draws } = metrics;
    const figures: [string, string, string][] = [[`${on} loss`, loss.total.toFixed(2), "nats per image"]];
    const bits = bitsOf(metrics);
    if (bits !== undefined) {
      figures.push(["codes", bits.toFixed(1), `bits per ${on} image, given the digit`]);
    }
    if (codes) {
      const unit = `perplexity ${codes.perplexity.toFixed(1)}`;
      figures.push(["codes in use", `${codes.used} of ${codes.size}`, unit]);
    }
    if (draws) {
      figures.push(["Fr\u00e9chet, prior", draws.prior.frechet.toFixed(2), `by class, ${on} images`]);
    }
    return figures;
  },
  byClass: ({ draws }) => draws?.prior,
  fromNormal: () => undefined,
};
