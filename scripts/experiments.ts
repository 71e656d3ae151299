// npm run experiments: trains and evaluates every row of docs/experiments.md that is missing, and writes its tables. An
// interrupted run continues; all of them take hours, so --only selects a few.

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { runCommand } from "../trainer/commands/command-line.ts";
import { UsageError } from "../trainer/errors.ts";
import { EVALUATION_FILE, SPLITS, type Split } from "../trainer/evaluate/evaluation.ts";
import { flag, option } from "../trainer/options.ts";
import { codes, codesRow, codesTitles } from "./experiments/codes.ts";
import { drawRows, drawTitles } from "./experiments/draws.ts";
import { BASE, flowRow, flows, flowTitles } from "./experiments/flows.ts";
import { objectiveRow, objectives, objectiveTitles } from "./experiments/objectives.ts";
import { complete, type Experiment, MISSING, runsOf } from "./experiments/runs.ts";
import { writeSheet } from "./experiments/sheets.ts";
import { vaeRow, vaes, vaeTitles } from "./experiments/vaes.ts";
import { formatTable, writeTable } from "./tables.ts";

const PAGE = "docs/experiments.md";
/** For contact sheets. */
const PICTURES = "docs/experiments";

interface Group {
  readonly experiments: readonly Experiment[];
  readonly titles: (on: Split) => readonly string[];
  readonly row: (runs: string, experiment: Experiment, on: Split) => Promise<readonly (string | number)[]>;
  /** The comment that begins its table. */
  readonly place: string;
}

const GROUPS = {
  vae: { experiments: vaes, titles: vaeTitles, row: vaeRow, place: "experiments" },
  objectives: {
    experiments: objectives,
    titles: objectiveTitles,
    row: objectiveRow,
    place: "experiments, objectives",
  },
  flow: { experiments: flows, titles: () => flowTitles, row: flowRow, place: "experiments, flow" },
  codes: { experiments: codes, titles: () => codesTitles, row: codesRow, place: "experiments, codes" },
} as const satisfies Record<string, Group>;
type GroupName = keyof typeof GROUPS;

await runCommand({
  name: "experiments",
  summary: `Train and evaluate the missing experiments of ${PAGE}, and write their table.`,
  examples: [
    "npm run experiments -- --only mlp,mlp-8",
    "npm run experiments -- --group objectives",
    "npm run experiments -- --group flow --two-sample",
    "npm run experiments -- --group flow --draws --table",
    "npm run experiments -- --on test",
  ],
  fields: {
    group: option(
      v.picklist(Object.keys(GROUPS) as GroupName[]),
      "vae: Gaussian latents; objectives: one network by each objective; flow: one factor at a time about the preset flow; codes: codebooks of the preset vq and priors over them",
      "vae",
    ),
    on: option(
      v.picklist(SPLITS),
      "images that the runs are evaluated on: validation for making choices, test for published figures",
      "validation",
    ),
    only: option(
      v.string(),
      `comma-separated names, of ${Object.values(GROUPS)
        .flatMap(({ experiments }) => experiments)
        .map(({ name }) => name)
        .join(", ")}`,
    ),
    runs: option(v.string(), "folder of the run folders", "runs"),
    twoSample: flag("evaluate with two-sample tests, about 20 minutes more for each run"),
    draws: flag(
      `with --group flow: also a table of what the runs draw by other guidances, a mixture, more evaluations; and contact sheets in ${PICTURES}`,
    ),
    table: flag("train and evaluate nothing, only write the tables of the present runs"),
  },
  run: async ({ values: { group, on, only, runs, twoSample, draws, table } }) => {
    const { experiments, titles, row, place }: Group = GROUPS[group];
    if (draws && group !== "flow") throw new UsageError("--draws needs --group flow");
    const known = experiments.map(({ name }) => name);
    const names = only?.split(",") ?? known;
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw new UsageError(
        `unknown experiment "${unknown}"; the experiments of --group ${group} are ${known.join(", ")}`,
      );
    const chosen = experiments.filter(({ name }) => names.includes(name));
    for (const run of table ? [] : chosen.flatMap(runsOf)) await complete(runs, run, { on, twoSample });
    const rows = await Promise.all(experiments.map((experiment) => row(runs, experiment, on)));
    await writeTable(PAGE, place, formatTable(titles(on), rows));
    const filled = rows.filter((cells) => !cells.includes(MISSING)).length;
    console.log(`${PAGE} has ${filled} of ${rows.length} rows, on ${on} images`);
    if (!draws) return;
    for (const name of known.filter((one) => existsSync(join(runs, one, EVALUATION_FILE)))) {
      await writeSheet(join(runs, name), join(PICTURES, `${name}.png`));
    }
    await writeTable(PAGE, `${place}, draws`, formatTable(drawTitles, await drawRows(runs, on)));
    console.log(
      `${PAGE} has what ${join(runs, BASE)} draws, on ${on} images; ${PICTURES} has contact sheets`,
    );
  },
});
