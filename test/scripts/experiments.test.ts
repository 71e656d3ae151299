// The script that tabulates docs/experiments.md, as a process.

import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { type Evaluation, writeEvaluation } from "../../trainer/evaluate/evaluation.ts";
import { temporaryFolder } from "../folder.ts";
import { flowConfig, smokeConfig } from "../trainer/smoke-run.ts";

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

it("npm run experiments -- --group objectives tabulates each objective beside what is published", async () => {
  const folder = await temporaryFolder();
  const run = join(folder, "runs/objective-iwae");
  await mkdir(run, { recursive: true });
  await mkdir(join(folder, "docs"));
  const page = join(folder, "docs/experiments.md");
  await writeFile(page, "<!-- table: npm run experiments, objectives -->\n<!-- end of table -->\n");
  const loss = { reconstruction: 85, kl: 25, total: 110 };
  await writeFile(join(run, "config.json"), JSON.stringify({ ...smokeConfig, objective: "iwae" }));
  const history = [{ epoch: 1, seconds: 1, training: loss, validation: loss }];
  await writeFile(join(run, "history.json"), JSON.stringify(history));
  const figures = [{ name: "NLL by 50 samples, nats", value: 101.234, text: "101.23" }];
  await writeEvaluation(run, {
    ...{ schema: 3, epochs: 1, stageEpochs: {}, data: "MNIST", on: "validation", images: 6000 },
    quantized: { loss, figures },
  });
  const options = ["--disable-warning=ExperimentalWarning", script, "--table", "--group", "objectives"];
  const said = execFileSync(process.execPath, options, { cwd: folder, encoding: "utf8" });
  expect(said).toContain("1 of 9 rows, on validation images");
  expect(await readFile(page, "utf8")).toMatch(
    /\| `--binarise --objective iwae` \| 110\.00 \/ 110\.00 \| 110\.00 \(85\.0 \+ 25\.0\) \| 101\.23 \|.*\| NLL 86\.82 .*\|/,
  );
});

it("npm run experiments -- --group flow tabulates what models with a flow draw, into a table of its own", async () => {
  const folder = await temporaryFolder();
  const run = join(folder, "runs/flow");
  await mkdir(run, { recursive: true });
  await mkdir(join(folder, "docs"));
  const page = join(folder, "docs/experiments.md");
  const places = ["experiments", "experiments, flow", "experiments, flow, draws"].map(
    (place) => `<!-- table: npm run ${place} -->\n<!-- end of table -->\n`,
  );
  await writeFile(page, places.join("between\n"));
  const loss = { reconstruction: 90, kl: 30, total: 120 };
  await writeFile(join(run, "config.json"), JSON.stringify(flowConfig));
  const history = [{ epoch: 1, seconds: 1, training: loss, validation: loss }];
  await writeFile(join(run, "history.json"), JSON.stringify(history));
  const drawn = {
    images: 6000,
    frechet: 0.1234,
    precision: 0.81,
    recall: 0.86,
    classCounts: Array(10).fill(600),
    sharpness: 0.98,
    classAccuracy: 0.991,
  };
  const evaluation: Evaluation = {
    schema: 3,
    epochs: 1,
    stageEpochs: {},
    data: "MNIST",
    on: "validation",
    images: 6000,
    quantized: {
      loss,
      figures: [
        { name: "Frames of 500 walks recognised, relative to their ends", value: 0.9, text: "0.90 (...)" },
      ],
      draws: { flow: drawn },
      realism: [{ name: "Pixels at levels 1 to 4, per image", value: 2, text: "2.0" }],
    },
  };
  await writeEvaluation(run, evaluation);
  const options = ["--disable-warning=ExperimentalWarning", script, "--table", "--group", "flow"];
  const said = execFileSync(process.execPath, options, { cwd: folder, encoding: "utf8" });
  expect(said).toContain("1 of 10 rows, on validation images");
  const [before, after, last] = (await readFile(page, "utf8")).split("between\n");
  expect([before, last]).toEqual([places[0], places[2]]);
  expect(after).toMatch(
    /\| the recipe that ships \| [\d,]+ \+ [\d,]+ \| 0\.123 \| 0\.810 \| 0\.860 \| 0\.98 \| 99\.1 % \| 0\.90 \| 2\.0 \|/,
  );
  expect(after).toContain("| `--latent 16` | not evaluated |");
});
