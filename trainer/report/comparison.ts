// Runs side by side, as the course work sets its MLP against its CNN, with its own figures and words beside ours.

import { isDeepStrictEqual } from "node:util";
import { presets } from "../../shared/model/presets.ts";
import { describeImages, type Evaluation, type ModelMetrics, type Split } from "../evaluate/evaluation.ts";
import { kindOf } from "../latent/kind.ts";
import type { LatentReport } from "../latent/latent-kind.ts";
import type { TrainingConfig } from "../train/config.ts";
import { architectureOf, parametersOf } from "./configuration.ts";
import { drawDigits } from "./draws.ts";
import { grouped, percent } from "./format.ts";
import { type Content, type Html, html } from "./html.ts";
import { digitsImage } from "./picture.ts";
import type { ReportedRun } from "./reported-run.ts";
import { SEED_SOURCE, type SeedFigures, seedFigures } from "./seed-figures.ts";

/** Epochs whose training loss the course work is known for. */
const TOLD_EPOCHS = [1, 10, 20];

/** A loss that compares among models with codes only. */
const GIVEN_DIGIT = "\u2003of codes, given the digit";

interface Row {
  readonly title: Content;
  readonly run: (run: ReportedRun) => Content;
  /** Nothing where the course work does not tell. */
  readonly seed?: (seed: SeedFigures) => Content;
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** One column per run, then one per model of the course work. */
export function comparisonSection(runs: readonly ReportedRun[]): Html {
  const width = 1 + runs.length + seedFigures.length;
  return html`
    <div class="wide"><table class="comparison">
      <thead>
        <tr><td></td><th colspan="${runs.length}" scope="colgroup">${runs.length > 1 ? "These runs" : "This run"}</th>
          <th colspan="${seedFigures.length}" scope="colgroup" class="seed">The <a href="${SEED_SOURCE}">course work</a>, PyTorch</th></tr>
        <tr><td></td>${runs.map(({ name }) => html`<th scope="col">${name}</th>`)}
          ${seedFigures.map(({ name }) => html`<th scope="col" class="seed">${name}</th>`)}</tr>
      </thead>
      ${groups(runs).map(
        ({ title, rows }) => html`<tbody>
          <tr class="group"><th colspan="${width}" scope="rowgroup">${title}</th></tr>
          ${rows.map(
            (row) => html`<tr><th scope="row">${row.title}</th>
              ${runs.map((run) => html`<td>${row.run(run) ?? "\u2013"}</td>`)}
              ${seedFigures.map((seed) => html`<td class="seed">${row.seed?.(seed) ?? "\u2013"}</td>`)}</tr>`,
          )}
        </tbody>`,
      )}
    </table></div>
    <p class="note">Losses are nats per image; the course work\u2019s sums are divided by its 54,000 training images, and
      \u2248 marks what is read off its curves (\u00b1 0.1). Its words are translated. Its figures are of grey MNIST: runs on other data,
      or on binarised pixels, do not compare with them.</p>`;
}

/** Whether a run is of the architecture and the data that the course work's figures are of. */
export function isSeedsOwn({ spec, data, binarise }: TrainingConfig, { preset }: SeedFigures): boolean {
  return data === "mnist" && !binarise && isDeepStrictEqual(spec, presets[preset]);
}

function groups(runs: readonly ReportedRun[]): readonly Group[] {
  const isGivenDigit = (run: ReportedRun) => reportOf(run).isGivenDigit;
  const classes = [...new Set(runs.map((run) => reportOf(run).words.classes))].join(", or ");
  const splits = [...new Set(runs.flatMap(({ evaluation }) => (evaluation ? [evaluation.on] : [])))];
  const measured = measuredRows(splits);
  const ofGiven = (row: Row) => (runs.some(isGivenDigit) ? [row] : []);
  return [
    {
      title: "Complexity",
      rows: [
        {
          title: "Architecture",
          run: ({ config }) => architectureOf(config),
          seed: ({ architecture }) => architecture,
        },
        {
          title: "Latent dimensions",
          run: (run) => reportOf(run).describeLatent(run.config.spec).size,
          seed: ({ latentDim }) => latentDim,
        },
        {
          title: "Parameters (decoder)",
          run: ({ config }) => describeParameters(parametersOf(config)),
          seed: ({ parameters }) => describeParameters(parameters),
        },
        { title: "Epochs", run: ({ history }) => history.length, seed: ({ epochs }) => epochs },
        {
          title: "Time an epoch",
          run: ({ history }) =>
            `${(history.reduce((sum, { seconds }) => sum + seconds, 0) / history.length).toFixed(1)} s`,
          seed: ({ words }) => said(words.complexity),
        },
      ],
    },
    {
      title: "Loss",
      rows: [
        ...TOLD_EPOCHS.map(
          (told): Row => ({
            title: `Training, epoch ${told}`,
            run: (run) => (isGivenDigit(run) ? undefined : run.history[told - 1]?.training.total.toFixed(2)),
            seed: ({ training }) => {
              const record = training.find(({ epoch }) => epoch === told);
              return record && (record.isReadOff ? about(record.total) : record.total.toFixed(2));
            },
          }),
        ),
        {
          title: "Validation, at the end",
          run: (run) => (isGivenDigit(run) ? undefined : html`<b>${run.validation.total.toFixed(2)}</b>`),
          seed: ({ validation }) => about(validation.total),
        },
        ...ofGiven({
          title: GIVEN_DIGIT,
          run: (run) => (isGivenDigit(run) ? html`<b>${run.validation.total.toFixed(2)}</b>` : undefined),
        }),
        {
          title: "\u2003Reconstruction + KL",
          run: ({ validation }) => `${validation.reconstruction.toFixed(2)} + ${validation.kl.toFixed(2)}`,
        },
      ],
    },
    {
      title: "Reconstruction",
      rows: [
        {
          title: "Inputs over outputs",
          run: (run) => lastPicture(run, "reconstructions"),
          seed: ({ words }) => said(words.reconstruction),
        },
        ...measured([
          ["Fr\u00e9chet distance", ({ draws }) => draws?.reconstructions.frechet.toFixed(2)],
          ["Sharpness", ({ draws }) => draws?.reconstructions.sharpness?.toFixed(2)],
        ]),
      ],
    },
    {
      title: "Sampling",
      rows: [
        {
          title: "From N(0, I)",
          run: (run) => lastPicture(run, "samples"),
          seed: ({ words }) => said(words.sampling),
        },
        ...measured([
          [
            "Fr\u00e9chet distance, N(0, I)",
            (metrics, { fromNormal }) => fromNormal(metrics)?.frechet.toFixed(2),
          ],
        ]),
        {
          title: `By class, from ${classes}`,
          run: (run) => digitsImage(drawDigits(run).png, "Digits asked for"),
        },
        ...measured([
          ["Fr\u00e9chet distance", (metrics, { byClass }) => byClass(metrics)?.frechet.toFixed(2)],
          ["Sharpness", (metrics, { byClass }) => byClass(metrics)?.sharpness?.toFixed(2)],
          ["Digit recognised", (metrics, { byClass }) => shareOf(byClass(metrics)?.classAccuracy)],
        ]),
      ],
    },
    {
      title: "Latent space",
      rows: [
        {
          title: "Class told by 10 neighbours",
          run: (run) => measuredIn(run, splits, ({ knnAccuracy }) => shareOf(knnAccuracy)),
          seed: ({ words }) => said(words.latentSpace),
        },
        ...measured([["Active units", ({ activeUnits }) => activeUnits?.toString()]]),
      ],
    },
    ...(splits.length > 0
      ? [
          {
            title: "Evaluation",
            rows: [
              {
                title: "Evaluated on",
                run: ({ evaluation }: ReportedRun) => evaluation && describeImages(evaluation),
              },
              ...measured([["Negative ELBO", ({ loss }) => loss.total.toFixed(2)]]),
              ...measured([[GIVEN_DIGIT, ({ lossGivenDigit }) => lossGivenDigit?.total.toFixed(2)]]).flatMap(
                ofGiven,
              ),
            ],
          },
        ]
      : []),
  ];
}

type Figure = (metrics: ModelMetrics, report: LatentReport) => string | undefined;

/** Rows of figures of `evaluation.json`; none where no run was evaluated. */
function measuredRows(splits: readonly Split[]) {
  return (rows: readonly (readonly [title: string, read: Figure])[]): Row[] =>
    splits.length === 0
      ? []
      : rows.map(([title, read]) => ({ title, run: (run) => measuredIn(run, splits, read) }));
}

/** Of the float model, or of the quantized one where that is all; with its images where runs differ in them. */
function measuredIn(run: ReportedRun, splits: readonly Split[], read: Figure): string | undefined {
  const { evaluation } = run;
  const metrics = evaluation && modelOf(evaluation);
  const text = metrics && read(metrics, reportOf(run));
  return text !== undefined && splits.length > 1 ? `${text} (${evaluation!.on})` : text;
}

function reportOf({ config }: ReportedRun): LatentReport {
  return kindOf(config.spec).report;
}

export function modelOf({ float, quantized }: Evaluation): ModelMetrics | undefined {
  return float ?? quantized;
}

function lastPicture({ pictures }: ReportedRun, kind: "reconstructions" | "samples"): Content {
  const last = pictures.at(-1);
  const png = last?.[kind];
  return png && digitsImage(png, `${kind} after epoch ${last!.epoch}`);
}

function describeParameters({ all, decoder }: { readonly all: number; readonly decoder: number }): string {
  return `${grouped(all)} (${grouped(decoder)})`;
}

function shareOf(share: number | undefined): string | undefined {
  return share === undefined ? undefined : percent(share);
}

function about(total: number): string {
  return `\u2248 ${total.toFixed(1)}`;
}

function said(words: string): Html {
  return html`<q>${words}</q>`;
}
