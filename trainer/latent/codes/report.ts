// What reports say of models with codes. Their losses are given the digit, as the prior over the codes is.

import { html } from "hono/html";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { kindOf } from "../../../shared/latent/kind.ts";
import { weightCount } from "../../../shared/model/plan.ts";
import { grouped, NEGATIVE_ELBO } from "../../evaluate/figures.ts";
import { epochFigures } from "../../report/elements.ts";
import type { LatentReport } from "../latent-kind.ts";
import { codesAnatomy } from "./anatomy.ts";
import { CODES_BITS, CODES_USED, PRIOR_DRAWS } from "./evaluate.ts";

export const codesReport: LatentReport = {
  isGivenDigit: true,
  words: {
    loss: "validation loss, given the digit",
    kl: "codes, given the digit",
    reconstructed: "codes",
    latents: "Embeddings of the codes",
    encoder: "Encoder, to vectors beside the embeddings",
    classes: "its prior over codes",
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
  anatomy: codesAnatomy,
  keyFigures: [NEGATIVE_ELBO, CODES_BITS, CODES_USED],
  byClass: PRIOR_DRAWS,
};
