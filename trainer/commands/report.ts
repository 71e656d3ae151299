// npm run report: writes one HTML file about one or more runs.

import { mkdir } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import * as v from "valibot";
import { UsageError } from "../errors.ts";
import { describeImages, evaluateCommandOf } from "../evaluate/evaluation.ts";
import { option } from "../options.ts";
import { figuresOfRun, rateDistortionOf } from "../report/anatomy.ts";
import { writePage } from "../report/page.ts";
import type { ReportedRun } from "../report/reported-run.ts";
import { loadRun } from "../report/run.ts";
import { writeFigures } from "../report/write-figures.ts";
import { withBar } from "../train/progress.ts";
import { replaceFile } from "../train/replace-file.ts";
import { defineCommand } from "./command-line.ts";

const REPORT_FILE = "report.html";

export const reportCommand = defineCommand({
  name: "report",
  summary:
    "Write one self-contained HTML file about a run, or about several side by side: configuration, loss curves, " +
    "reconstructions and samples over the epochs, latent space, digits, the anatomy of the latent, metrics.",
  examples: [
    "npm run report -- runs/cnn",
    "npm run report -- runs/mlp runs/cnn --out comparison.html",
    "npm run report -- runs/cnn --figures docs/anatomy/cnn",
  ],
  fields: {
    out: option(
      v.pipe(v.string(), v.minLength(1)),
      `the file (default: ${REPORT_FILE} in the run folder, or next to the first of several)`,
    ),
    figures: option(
      v.pipe(v.string(), v.minLength(1)),
      "folder that also gets the figures of the anatomy as SVG and PNG; of several runs, the one that compares them",
    ),
  },
  positionals: ["RUN..."],
  run: async ({ values }, positionals) => {
    const folders = positionals.map((folder) => normalize(`${folder}/.`));
    const twice = folders.find((folder, i) => folders.indexOf(folder) !== i);
    if (twice !== undefined) throw new UsageError(`${twice} is named twice; name each run once`);
    const [first] = folders;
    const out = values.out ?? join(folders.length === 1 ? first! : dirname(first!), REPORT_FILE);
    const runs: ReportedRun[] = [];
    for (const [i, folder] of folders.entries()) {
      const name = namesOf(folders)[i]!;
      runs.push(await withBar(`${name}: `, (onProgress) => loadRun(folder, name, onProgress)));
    }
    const page = await writePage(runs);
    await mkdir(dirname(out), { recursive: true });
    await replaceFile(out, page);
    if (values.figures !== undefined) {
      const figures = runs.length > 1 ? [rateDistortionOf(runs)] : figuresOfRun(runs[0]!);
      const files = await writeFigures(values.figures, figures);
      console.log(`${values.figures}: ${files.join(", ")}`);
    }
    console.log(
      `${out}: ${runs.map(({ name }) => name).join(", ")}; ${(Buffer.byteLength(page) / 1024).toFixed(0)} KB`,
    );
    for (const { folder, evaluation } of runs) {
      console.log(
        evaluation
          ? `metrics of ${folder} are on ${describeImages(evaluation)}`
          : `without metrics of ${folder}; "${evaluateCommandOf(folder)}" measures them`,
      );
    }
  },
});

/** The folders' base names, or their full paths if two have the same name. */
export function namesOf(folders: readonly string[]): string[] {
  const names = folders.map((folder) => basename(folder));
  return new Set(names).size === names.length ? names : [...folders];
}
