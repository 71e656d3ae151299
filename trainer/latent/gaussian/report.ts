// What reports say of models with a Gaussian latent.

import { html } from "hono/html";
import { objectiveOf } from "../../objectives/objectives.ts";
import { epochFigures } from "../../report/elements.ts";
import type { LatentReport } from "../latent-kind.ts";
import { gaussianAnatomy } from "./anatomy.ts";
import { KNN_ACCURACY, MIXTURE, mixturePrior } from "./evaluate.ts";
import { learnedPriorOf } from "./surgery.ts";

export const gaussianReport: LatentReport = {
  isGivenDigit: false,
  words: {
    loss: "validation loss",
    kl: "KL",
    reconstructed: "means",
    latents: "Means of q(z|x)",
    encoder: "Encoder, to means and log-variances",
    classes: "its mixture",
  },
  architectureNote: () => undefined,
  curveNotes: (config) => [
    objectiveOf(config).isDeterministic
      ? "Reconstruction + KL = total; this objective has no noise and half the squared latent in place of a KL, so the total is no bound."
      : "Reconstruction + KL = total: the negative ELBO, at beta 1 whatever the objective that the run was trained by.",
  ],
  samples: ({ pictures }) => html`<h4>Samples</h4>
      ${epochFigures(pictures.samples, "Samples")}
      <p class="note">From N(0, I), by the same latents in every epoch.</p>`,
  digits: ({ latent }) => {
    const components = latent.mixture!.classes.map((one) => one.components.length);
    return {
      source: `from the mixture fitted after training (${components.join(", ")} Gaussians for the classes 0 to 9)`,
      others: "As many from N(0, I), which cannot be asked for a class.",
      alt: "Digits from N(0, I)",
    };
  },
  anatomy: (run) => gaussianAnatomy(run, mixturePrior(run.latent)),
  learnedPrior: learnedPriorOf(MIXTURE),
  keyFigures: [KNN_ACCURACY],
  byClass: MIXTURE,
};
