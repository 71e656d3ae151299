// A run's configuration: its options, the command that repeats it, and its layers.

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { html } from "hono/html";
import * as v from "valibot";
import { SpecError } from "../../shared/errors.ts";
import type { PlannedLayer } from "../../shared/model/layers.ts";
import { parameterCount, planDecoder, planEncoder, weightCount } from "../../shared/model/plan.ts";
import { activationOf } from "../../shared/model/spec.ts";
import { grouped } from "../evaluate/figures.ts";
import { kindOf } from "../latent/kind.ts";
import { flagOf } from "../options.ts";
import { quoteOption, quotePath } from "../shell-quote.ts";
import {
  isDefault,
  meaningfulConfig,
  type OptionName,
  optionNames,
  specOf,
  type TrainingConfig,
  trainingFields,
} from "../train/config.ts";
import { CONFIG_FILE } from "../train/run-folder.ts";
import { formatDuration } from "../train/tasks.ts";
import type { Html } from "./elements.ts";
import type { ReportedRun } from "./reported-run.ts";

export function configurationSection(run: ReportedRun): Html {
  const { config, history, stages, backend, machine } = run;
  const kind = kindOf(config.spec);
  const { report } = kind;
  const seconds = [...history, ...Object.values(stages).flat()].reduce(
    (sum, record) => sum + record.seconds,
    0,
  );
  return html`
    <dl class="facts">
      ${optionKeys(config).map(
        (key) => html`<div title="${v.getDescription(trainingFields[key])}"><dt>${flagOf(key)}</dt>
          <dd>${isDefault(config, key, kind) ? textOf(config[key]) : html`<b>${textOf(config[key])}</b>`}</dd></div>`,
      )}
      <div><dt>backend</dt><dd>${backend}${machine === undefined ? "" : ` (${machine})`}</dd></div>
      <div><dt>training time</dt><dd>${formatDuration(seconds)}</dd></div>
    </dl>
    <p class="note">Options that differ from the defaults are in bold. To repeat the run: <code>${commandOf(run)}</code></p>
    <div class="side-by-side">
      ${layerTable(report.words.encoder, planEncoder(config.spec))}
      ${layerTable("Decoder, to pixels", planDecoder(config.spec))}
    </div>
    ${report.architectureNote(config.spec)}`;
}

/** An architecture in one line, such as "Linear 400 \u2013 z 2 \u2013 Linear 400 \u2013 Linear 784". */
export function architectureOf({ spec }: TrainingConfig): string {
  const names = (plan: readonly PlannedLayer[]) =>
    plan.flatMap(({ layer }) => {
      if (layer.kind === "dense") return [`Linear ${layer.units}`];
      if (layer.kind === "conv2d") return [`Conv2d ${layer.filters}`];
      return layer.kind === "conv2dTranspose" ? [`ConvTranspose2d ${layer.filters}`] : [];
    });
  const encoder = names(planEncoder(spec).slice(0, -1));
  const { count, values } = kindOf(spec).size(spec);
  const latent = values === undefined ? `z ${count}` : `${count} codes of ${values}`;
  return [...encoder, latent, ...names(planDecoder(spec))].join(" \u2013 ");
}

/** Counts of all that is learned, in all stages, and of the decoder alone. */
export function parametersOf({ spec }: TrainingConfig) {
  const decoder = parameterCount(planDecoder(spec));
  const ofLatent = weightCount(kindOf(spec).weights(spec));
  return { all: decoder + parameterCount(planEncoder(spec)) + ofLatent, decoder };
}

function layerTable(title: string, plan: readonly PlannedLayer[]): Html {
  return html`
    <table>
      <caption>${title}</caption>
      <thead><tr><th scope="col" class="text">Layer</th><th scope="col">Output</th><th scope="col">Parameters</th></tr></thead>
      <tbody>${plan.map(
        (planned) => html`<tr><td class="text">${describeLayer(planned)}</td><td>${shapeOf(planned)}</td>
          <td>${grouped(parameterCount([planned]))}</td></tr>`,
      )}</tbody>
      <tfoot><tr><td class="text">All</td><td></td><td>${grouped(parameterCount(plan))}</td></tr></tfoot>
    </table>`;
}

function describeLayer({ layer }: PlannedLayer): string {
  const activation = activationOf(layer);
  const after = activation === undefined || activation === "linear" ? "" : `, ${activation}`;
  if (layer.kind === "conv2d" || layer.kind === "conv2dTranspose") {
    return `${layer.kind} ${layer.kernel}\u00d7${layer.kernel}, stride ${layer.stride}${after}`;
  }
  return `${layer.kind}${after}`;
}

function shapeOf({ output: [height, width, channels] }: PlannedLayer): string {
  return height * width === 1 ? String(channels) : `${height}\u00d7${width}\u00d7${channels}`;
}

/** Options that have a value and apply to the run's model. */
function optionKeys(config: TrainingConfig): OptionName[] {
  const meaningful = meaningfulConfig(config, kindOf(config.spec));
  return optionNames.filter((option) => meaningful[option] !== undefined);
}

function textOf(value: string | number | boolean | undefined): string {
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

/** Trains the same model into another folder. */
function commandOf({ config, folder, backend }: ReportedRun): string {
  const flags = isOfPreset(config)
    ? optionKeys(config)
        .filter((option) => option === "preset" || !isDefault(config, option, kindOf(config.spec)))
        .map((option) =>
          config[option] === true
            ? `--${flagOf(option)}`
            : quoteOption(flagOf(option), String(config[option])),
        )
    : [`--config ${quotePath(join(folder, CONFIG_FILE))}`];
  return `npm run train -- ${flags.join(" ")} --backend ${backend} --out ${quotePath(`${folder}-again`)}`;
}

/** Whether options give the run's architecture, so that they can repeat it. */
function isOfPreset(config: TrainingConfig): boolean {
  try {
    return isDeepStrictEqual(specOf(config), config.spec);
  } catch (error) {
    if (error instanceof SpecError) return false;
    throw error;
  }
}
