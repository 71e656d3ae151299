// npm run report: writes one HTML file about one or more runs.

import { mkdir } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import * as v from "valibot";
import { UsageError } from "../errors.ts";
import { describeImages, evaluateCommandOf } from "../evaluate/evaluation.ts";
import { option } from "../options.ts";
import { figuresOfRun } from "../report/anatomy.ts";
import { rateDistortionFigure } from "../report/figures/rate-distortion.ts";
import { writePage } from "../report/page.ts";
import { pointOf, readPoint } from "../report/rate-distortion.ts";
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
    "npm run report -- runs/beta-1 --rate-distortion runs/beta-0.1,runs/beta-4",
    "npm run report -- runs/cnn --figures docs/anatomy/cnn",
  ],
  fields: {
    out: option(
      v.pipe(v.string(), v.minLength(1)),
      `the file (default: ${REPORT_FILE} in the run folder, or next to the first of several)`,
    ),
    figures: option(
      v.pipe(v.string(), v.minLength(1)),
      "folder that also gets the figures as SVG and PNG: the anatomy of a single run, and rate and distortion",
    ),
    rateDistortion: option(
      v.pipe(v.string(), v.minLength(1)),
      "comma-separated folders of more runs, such as with other values of --beta, of which only rate and distortion are shown",
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
    const more = values.rateDistortion?.split(",").map((folder) => normalize(`${folder}/.`)) ?? [];
    const others = more.filter((folder) => !folders.includes(folder));
    const points = [...runs.map(pointOf), ...(await Promise.all(others.map(readPoint)))];
    const page = await writePage(runs, points);
    await mkdir(dirname(out), { recursive: true });
    await replaceFile(out, page);
    if (values.figures !== undefined) {
      const files = await writeFigures(values.figures, [
        ...(runs.length === 1 ? figuresOfRun(runs[0]!) : []),
        ...(points.length > 1 ? [rateDistortionFigure(points)] : []),
      ]);
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
