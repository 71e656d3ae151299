// The script that tabulates docs/experiments.md, as a process.

import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { type Evaluation, writeEvaluation } from "../../trainer/evaluate/evaluation.ts";
import { temporaryFolder } from "../folder.ts";
import { smokeConfig } from "../trainer/smoke-run.ts";

const script = resolve("scripts/experiments.ts");

it("npm run experiments tabulates figures under the name of the images that they are of", async () => {
  const folder = await temporaryFolder();
  const run = join(folder, "runs/mlp");
  await mkdir(run, { recursive: true });
  await mkdir(join(folder, "docs"));
  const page = join(folder, "docs/experiments.md");
  await writeFile(page, "before\n<!-- table: npm run experiments -->\n<!-- end of table -->\nafter\n");
  const loss = { reconstruction: 140, kl: 6.5, total: 146.5 };
  await writeFile(join(run, "config.json"), JSON.stringify(smokeConfig));
  const history = [{ epoch: 1, seconds: 1, training: loss, validation: loss }];
  await writeFile(join(run, "history.json"), JSON.stringify(history));
  const evaluation: Evaluation = {
    schema: 3,
    epochs: 1,
    stageEpochs: {},
    data: "MNIST",
    on: "validation",
    images: 6000,
    quantized: { loss, figures: [] },
  };
  await writeEvaluation(run, evaluation);
  const tabulate = async (...args: string[]) => {
    const options = ["--disable-warning=ExperimentalWarning", script, "--table", ...args];
    const said = execFileSync(process.execPath, options, { cwd: folder, encoding: "utf8" });
    const [head, , ...rows] = (await readFile(page, "utf8"))
      .split("\n")
      .filter((line) => line.startsWith("|"));
    return { said, head, mlp: rows.find((row) => row.startsWith("| `--preset mlp`, ")) };
  };
  const validation = await tabulate();
  expect(validation.head).toContain("| validation loss (reconstruction + KL) |");
  expect(validation.mlp).toContain("| 146.50 (140.0 + 6.5) |");
  expect(validation.said).toContain("1 of 16 rows, on validation images");
  const test = await tabulate("--on", "test");
  expect(test.head).toContain("| test loss (reconstruction + KL) |");
  expect(test.mlp).toContain("not evaluated");
  expect(test.said).toContain("0 of 16 rows, on test images");
});
