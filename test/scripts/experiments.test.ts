// The script that tabulates docs/experiments.md, as a process.

import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { type Evaluation, type Judgement, writeEvaluation } from "../../trainer/evaluate/evaluation.ts";
import type { TrainingConfig } from "../../trainer/train/config.ts";
import { temporaryFolder } from "../folder.ts";
import { codesConfig, flowConfig, smokeConfig } from "../trainer/smoke-run.ts";

const script = resolve("scripts/experiments.ts");

it("npm run experiments tabulates figures under the name of the images that they are of", async () => {
  const { tabulate } = await pageOf(["experiments"], "mlp", smokeConfig, {
    loss: { reconstruction: 140, kl: 6.5, total: 146.5 },
    figures: [],
  });
  const rowsOf = (page: string) => {
    const [head, , ...rows] = page.split("\n").filter((line) => line.startsWith("|"));
    return { head, mlp: rows.find((row) => row.startsWith("| `--preset mlp`, ")) };
  };
  const validation = await tabulate();
  expect(rowsOf(validation.page).head).toContain("| validation loss (reconstruction + KL) |");
  expect(rowsOf(validation.page).mlp).toContain("| 146.50 (140.0 + 6.5) |");
  expect(validation.said).toContain("1 of 16 rows, on validation images");
  const test = await tabulate("--on", "test");
  expect(rowsOf(test.page).head).toContain("| test loss (reconstruction + KL) |");
  expect(rowsOf(test.page).mlp).toContain("not evaluated");
  expect(test.said).toContain("0 of 16 rows, on test images");
});

it("npm run experiments -- --group objectives tabulates each objective beside what is published", async () => {
  const config = { ...smokeConfig, objective: "iwae" } as const;
  const { tabulate } = await pageOf(["experiments, objectives"], "objective-iwae", config, {
    loss: { reconstruction: 85, kl: 25, total: 110 },
    figures: [{ name: "NLL by 50 samples, nats", value: 101.234, text: "101.23" }],
  });
  const { said, page } = await tabulate("--group", "objectives");
  expect(said).toContain("1 of 9 rows, on validation images");
  expect(page).toMatch(
    /\| `--binarise --objective iwae` \| 110\.00 \/ 110\.00 \| 110\.00 \(85\.0 \+ 25\.0\) \| 101\.23 \|.*\| NLL 86\.82 .*\|/,
  );
});

it("npm run experiments -- --group flow tabulates what models with a flow draw, into a table of its own", async () => {
  const places = ["experiments", "experiments, flow", "experiments, flow, draws"];
  const { tabulate, empty } = await pageOf(places, "flow", flowConfig, {
    loss: { reconstruction: 90, kl: 30, total: 120 },
    figures: [
      { name: "Frames of 500 walks recognised, relative to their ends", value: 0.9, text: "0.90 (...)" },
    ],
    draws: { flow: judged(0.1234) },
    realism: [{ name: "Pixels at levels 1 to 4, per image", value: 2, text: "2.0" }],
  });
  const { said, page } = await tabulate("--group", "flow");
  expect(said).toContain("1 of 10 rows, on validation images");
  const [before, after, last] = page.split(BETWEEN);
  expect([before, last]).toEqual([empty[0], empty[2]]);
  expect(after).toMatch(
    /\| the recipe that ships \| [\d,]+ \+ [\d,]+ \| 0\.123 \| 0\.810 \| 0\.860 \| 0\.98 \| 99\.1 % \| 0\.90 \| 2\.0 \|/,
  );
  expect(after).toContain("| `--latent 16` | not evaluated |");
});

it("npm run experiments -- --group codes tabulates codebooks, and what priors draw at each temperature", async () => {
  const { tabulate } = await pageOf(["experiments, codes"], "vq", codesConfig, {
    loss: { reconstruction: 60, kl: 58, total: 118 },
    figures: [{ name: "Codes, bits given the digit", value: 83.7, text: "83.7" }],
    draws: {
      "reconstructions of training images": judged(0.2),
      prior: judged(0.3),
      "prior at temperature 0.9": judged(0.4),
      "prior at temperature 0.8": judged(0.5),
    },
  });
  const { said, page } = await tabulate("--group", "codes");
  expect(said).toContain("1 of 7 rows, on validation images");
  expect(page).toMatch(
    /\| `--prior-epochs 6` \| [\d,]+ \| 83\.7 \| 0\.200 \| 0\.300, 99\.1 % \| 0\.400, 99\.1 % \| 0\.500, 99\.1 % \|/,
  );
  expect(page).toContain("| `--prior-epochs 6 --codebook-size 128` | not evaluated |");
});

const BETWEEN = "between\n";

/** A page with empty tables, and one run that has been evaluated. */
async function pageOf(
  places: readonly string[],
  run: string,
  config: TrainingConfig,
  quantized: Evaluation["quantized"],
) {
  const folder = await temporaryFolder();
  const runFolder = join(folder, "runs", run);
  await mkdir(runFolder, { recursive: true });
  await mkdir(join(folder, "docs"));
  const page = join(folder, "docs/experiments.md");
  const empty = places.map((place) => `<!-- table: npm run ${place} -->\n<!-- end of table -->\n`);
  await writeFile(page, empty.join(BETWEEN));
  await writeFile(join(runFolder, "config.json"), JSON.stringify(config));
  const history = [{ epoch: 1, seconds: 1, training: quantized.loss, validation: quantized.loss }];
  await writeFile(join(runFolder, "history.json"), JSON.stringify(history));
  await writeEvaluation(runFolder, {
    ...{ schema: 3, epochs: 1, stageEpochs: {}, data: "MNIST", on: "validation", images: 6000 },
    quantized,
  });
  const tabulate = async (...args: readonly string[]) => {
    const options = ["--disable-warning=ExperimentalWarning", script, "--table", ...args];
    const said = execFileSync(process.execPath, options, { cwd: folder, encoding: "utf8" });
    return { said, page: await readFile(page, "utf8") };
  };
  return { tabulate, empty };
}

/** What the classifier says of draws. */
function judged(frechet: number): Judgement {
  const counts = { images: 6000, classCounts: Array<number>(10).fill(600) };
  return { ...counts, frechet, precision: 0.81, recall: 0.86, sharpness: 0.98, classAccuracy: 0.991 };
}
