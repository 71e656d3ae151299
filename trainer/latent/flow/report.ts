// What reports say of models with a flow.

import { html } from "hono/html";
import type { FlowLatent } from "../../../shared/latent/flow/latent.ts";
import { kindOf } from "../../../shared/latent/kind.ts";
import { weightCount } from "../../../shared/model/plan.ts";
import { grouped } from "../../evaluate/figures.ts";
import { epochFigures } from "../../report/elements.ts";
import { gaussianAnatomy } from "../gaussian/anatomy.ts";
import { gaussianReport } from "../gaussian/report.ts";
import { learnedPriorOf } from "../gaussian/surgery.ts";
import type { LatentReport } from "../latent-kind.ts";
import { flowPrior } from "./density.ts";
import { FLOW_DRAWS } from "./evaluate.ts";

export const flowReport: LatentReport = {
  ...gaussianReport,
  words: {
    ...gaussianReport.words,
    classes: "its flow",
  },
  architectureNote: (spec) => html`<p class="note">Flow over the latents and network that reads their digit:
    ${grouped(weightCount(kindOf(spec).weights(spec)))} parameters.</p>`,
  curveNotes: (config) => [
    ...gaussianReport.curveNotes(config),
    "These are of the first stage; what follows changes the decoder and not the encoder.",
  ],
  samples: ({ stages, pictures }) => {
    const tuning = stages["fine-tuning"];
    if (!tuning) return html`<p class="note">Flow and decoder were not trained against critics.</p>`;
    return html`<h4>Samples</h4>
      ${epochFigures(pictures.stageSamples, "Samples of the flow")}
      <p class="note">By flow and decoder while critics train both: a column for each digit, by the same seeds in every
      epoch. The Fr\u00e9chet distance to validation images, in features of the stage\u2019s own, went from
      ${tuning[0]!.validation.toFixed(2)} to ${tuning.at(-1)!.validation.toFixed(2)}.</p>`;
  },
  digits: () => ({
    source: "which the flow is told",
    others: "As many of classes that the seeds choose.",
    alt: "Digits from the flow",
  }),
  anatomy: (run) => gaussianAnatomy(run, flowPrior(run.latent as FlowLatent)),
  learnedPrior: learnedPriorOf(FLOW_DRAWS),
  byClass: FLOW_DRAWS,
};
