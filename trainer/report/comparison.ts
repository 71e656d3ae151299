// Compares runs side by side, next to the figures and words of the coursework's MLP and CNN.

import { html } from "hono/html";
import { describeImages, type Evaluation, type ModelMetrics } from "../evaluate/evaluation.ts";
import {
  FROM_NORMAL,
  figureOf,
  figuresOf,
  grouped,
  RECONSTRUCTIONS,
  realismRows,
  SCORES,
} from "../evaluate/figures.ts";
import { kindOf } from "../latent/kind.ts";
import type { LatentReport } from "../latent/latent-kind.ts";
import { architectureOf, parametersOf } from "./configuration.ts";
import { COURSEWORK_SOURCE, type CourseworkModel, courseworkModels } from "./coursework.ts";
import { drawDigits } from "./draws.ts";
import { type Content, digitsImage, type Html } from "./elements.ts";
import type { ReportedRun } from "./reported-run.ts";

/** Epochs whose training loss the coursework reports. */
const REPORTED_EPOCHS = [1, 10, 20];

/** A loss that compares among models with codes only. */
const GIVEN_DIGIT = "\u2003of codes, given the digit";

type Row = readonly [
  title: string,
  run: (run: ReportedRun) => Content,
  /** Absent where the coursework reports nothing. */
  coursework?: (model: CourseworkModel) => Content,
];

/** One column per run, then one per model of the coursework. */
export function comparisonSection(runs: readonly ReportedRun[]): Html {
  return html`
    <div class="wide"><table class="comparison">
      <thead>
        <tr><td></td><th colspan="${runs.length}" scope="colgroup">${runs.length > 1 ? "These runs" : "This run"}</th>
          <th colspan="${courseworkModels.length}" scope="colgroup" class="coursework">The <a href="${COURSEWORK_SOURCE}">coursework</a>, PyTorch</th></tr>
        <tr><td></td>${runs.map(({ name }) => html`<th scope="col">${name}</th>`)}
          ${courseworkModels.map(({ name }) => html`<th scope="col" class="coursework">${name}</th>`)}</tr>
      </thead>
      ${Object.entries(rowsByGroup(runs)).map(([title, rows]) => tableBody(title, rows, runs))}
    </table></div>
    <p class="note">Losses are nats per image; the coursework\u2019s sums are divided by its 54,000 training images, and
      \u2248 marks what is read off its curves (\u00b1 0.1). Its words are translated. Its figures are for grey MNIST: runs on
      other data, or on binarised pixels, are not comparable.</p>`;
}

/** Rows that have content in some column, under their group's title. */
function tableBody(title: string, rows: readonly Row[], runs: readonly ReportedRun[]): Html | undefined {
  const shown = rows
    .map(([name, run, coursework]) => ({
      name,
      own: runs.map((one) => run(one)),
      theirs: courseworkModels.map((model) => coursework?.(model)),
    }))
    .filter(({ own, theirs }) => [...own, ...theirs].some((cell) => cell !== undefined));
  if (shown.length === 0) return undefined;
  return html`<tbody>
      <tr class="group"><th colspan="${1 + runs.length + courseworkModels.length}" scope="rowgroup">${title}</th></tr>
      ${shown.map(
        ({ name, own, theirs }) => html`<tr><th scope="row">${name}</th>
          ${own.map((cell) => html`<td>${cell ?? "\u2013"}</td>`)}
          ${theirs.map((cell) => html`<td class="coursework">${cell ?? "\u2013"}</td>`)}</tr>`,
      )}
    </tbody>`;
}

function rowsByGroup(runs: readonly ReportedRun[]): Readonly<Record<string, readonly Row[]>> {
  const classes = [...new Set(runs.map((run) => reportOf(run).words.classes))].join(", or ");
  const evaluations = runs.flatMap(({ evaluation }) => evaluation ?? []);
  const splits = new Set(evaluations.map(({ on }) => on));
  /** A figure of `evaluation.json`, with its images where runs differ in them. */
  const measured = (
    read: (metrics: ModelMetrics, report: LatentReport, evaluation: Evaluation) => string | undefined,
  ) => {
    return (run: ReportedRun) => {
      const { evaluation } = run;
      const metrics = evaluation && metricsOf(evaluation);
      const text = metrics && read(metrics, reportOf(run), evaluation);
      return text !== undefined && splits.size > 1 ? `${text} (${evaluation!.on})` : text;
    };
  };
  const scores = (nameOf: (report: LatentReport) => string) =>
    SCORES.map(
      ([title, text]): Row => [
        title,
        measured(({ draws }, report) => {
          const judgement = draws?.[nameOf(report)];
          return judgement && text(judgement);
        }),
      ],
    );
  const figures = evaluations.flatMap((evaluation) => figuresOf(metricsOf(evaluation)));
  const isGivenDigit = (run: ReportedRun) => reportOf(run).isGivenDigit;
  const validationLoss = ({ validation }: ReportedRun) => html`<b>${validation.total.toFixed(2)}</b>`;
  return {
    Complexity: [
      ["Architecture", ({ config }) => architectureOf(config), ({ architecture }) => architecture],
      [
        "Latent dimensions",
        ({ config }) => {
          const { count, values } = kindOf(config.spec).size(config.spec);
          return values === undefined ? count : `${count} codes`;
        },
        ({ latentDim }) => latentDim,
      ],
      [
        "Parameters (decoder)",
        ({ config }) => describeParameters(parametersOf(config)),
        ({ parameters }) => describeParameters(parameters),
      ],
      ["Epochs", ({ history }) => history.length, ({ epochs }) => epochs],
      ["Time per epoch", secondsPerEpoch, ({ words }) => quote(words.complexity)],
    ],
    Loss: [
      ...REPORTED_EPOCHS.map(
        (epoch): Row => [
          `Training, epoch ${epoch}`,
          (run) => (isGivenDigit(run) ? undefined : run.history[epoch - 1]?.training.total.toFixed(2)),
          ({ training }) => {
            const record = training.find((one) => one.epoch === epoch);
            return record && (record.isReadOff ? approximately(record.total) : record.total.toFixed(2));
          },
        ],
      ),
      [
        "Validation, at the end",
        (run) => (isGivenDigit(run) ? undefined : validationLoss(run)),
        ({ validation }) => approximately(validation),
      ],
      [GIVEN_DIGIT, (run) => (isGivenDigit(run) ? validationLoss(run) : undefined)],
      [
        "\u2003Reconstruction + KL",
        ({ validation }) => `${validation.reconstruction.toFixed(2)} + ${validation.kl.toFixed(2)}`,
      ],
    ],
    Reconstruction: [
      [
        "Inputs over outputs",
        (run) => lastPicture(run, "reconstructions"),
        ({ words }) => quote(words.reconstruction),
      ],
      ...scores(() => RECONSTRUCTIONS),
    ],
    Sampling: [
      ["From N(0, I)", (run) => lastPicture(run, "samples"), ({ words }) => quote(words.sampling)],
      ["Fr\u00e9chet distance, N(0, I)", measured(({ draws }) => draws?.[FROM_NORMAL]?.frechet.toFixed(3))],
      [`By class, from ${classes}`, (run) => digitsImage(drawDigits(run), "Digits by class")],
      ...scores(({ byClass }) => byClass),
    ],
    Evaluation: [
      ["Latent space", () => undefined, ({ words }) => quote(words.latentSpace)],
      ["Evaluated on", ({ evaluation }) => evaluation && describeImages(evaluation)],
      ...[...new Set(figures.map(({ name }) => name))].map(
        (name): Row => [name, measured((metrics) => figureOf(figuresOf(metrics), name)?.text)],
      ),
    ],
    "What gives drawn digits away": [...new Set(evaluations.flatMap(realismRows).map(([name]) => name))].map(
      (name): Row => [
        name,
        measured((_metrics, _report, evaluation) => {
          const [, drawn, real] = realismRows(evaluation).find(([title]) => title === name) ?? [];
          return drawn && `${drawn} (real: ${real})`;
        }),
      ],
    ),
  };
}

/** Of the float model, or of the quantized one where that is all. */
export function metricsOf({ float, quantized }: Evaluation): ModelMetrics {
  return float ?? quantized;
}

function reportOf({ config }: ReportedRun): LatentReport {
  return kindOf(config.spec).report;
}

function secondsPerEpoch({ history }: ReportedRun): string {
  return `${(history.reduce((sum, { seconds }) => sum + seconds, 0) / history.length).toFixed(1)} s`;
}

function lastPicture({ pictures }: ReportedRun, kind: "reconstructions" | "samples"): Content {
  const last = pictures[kind].at(-1);
  return last && digitsImage(last.png, `${kind} after epoch ${last.epoch}`);
}

function describeParameters({ all, decoder }: { readonly all: number; readonly decoder: number }): string {
  return `${grouped(all)} (${grouped(decoder)})`;
}

function approximately(total: number): string {
  return `\u2248 ${total.toFixed(1)}`;
}

function quote(words: string): Html {
  return html`<q>${words}</q>`;
}
