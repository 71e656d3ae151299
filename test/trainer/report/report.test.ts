// The report: one file that needs nothing else and tells all of a run; several runs stand side by side.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decode } from "fast-png";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import { inverseNormalCdf } from "../../../shared/arithmetic/transcendental.ts";
import { createGaussianLatent } from "../../../shared/latent/gaussian/latent.ts";
import { planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { changeSpec } from "../../../shared/model/presets.ts";
import type { EpochRecord } from "../../../shared/release/release.ts";
import { namesOf, reportCommand } from "../../../trainer/commands/report.ts";
import { MNIST } from "../../../trainer/data/dataset.ts";
import { RunError, UsageError } from "../../../trainer/errors.ts";
import { evaluateModel } from "../../../trainer/evaluate/evaluate-model.ts";
import { type Evaluation, writeEvaluation } from "../../../trainer/evaluate/evaluation.ts";
import { loadEvaluationSet } from "../../../trainer/evaluate/evaluation-set.ts";
import type { CodeVersion } from "../../../trainer/release/code-version.ts";
import { drawManifold } from "../../../trainer/report/draws.ts";
import { viewLatentSpace } from "../../../trainer/report/latent-space.ts";
import { writePage } from "../../../trainer/report/page.ts";
import type { ReportedRun } from "../../../trainer/report/reported-run.ts";
import { loadRun, spreadOut } from "../../../trainer/report/run.ts";
import { readCheckpoint, writeCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { drawWeights, makeMixture, makeRelease } from "../../fixture.ts";
import { temporaryFolder } from "../../folder.ts";
import { smokeConfig, trainSmoke } from "../smoke-run.ts";

/** A folder's name that would break a page which does not escape it. */
const HOSTILE = `a&b <i>"'`;
/** Two latent dimensions, which need no UMAP. */
const flat = changeSpec("smoke", { latentDim: 2 });

let root: string;
let plane: string;
let wide: string;
let histories: readonly (readonly EpochRecord[])[];
let run: ReportedRun;
let single: Page;
let several: Page;

type Page = ReturnType<typeof read>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edge-digits-report-"));
  plane = join(root, HOSTILE);
  wide = join(root, "wide");
  histories = [await trainSmoke(plane, { spec: flat, latent: 2 }), await trainSmoke(wide, { epochs: 2 })];
  run = await loadRun(plane, HOSTILE);
  vi.spyOn(console, "log").mockImplementation(() => {});
  await reportCommand.run({ values: { out: join(root, "new/one.html") }, given: new Set() }, [plane]);
  await reportCommand.run({ values: {}, given: new Set() }, [plane, `${wide}/`]);
  vi.restoreAllMocks();
  single = read(await readFile(join(root, "new/one.html"), "utf8"));
  several = read(await readFile(join(root, "report.html"), "utf8"));
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

describe("a report", () => {
  it("is one file that loads nothing and runs nothing", () => {
    for (const { document } of [single, several]) {
      expect(document.querySelectorAll("script, link, iframe, object, embed, base")).toHaveLength(0);
      expect([...document.querySelectorAll("style")].map((style) => style.textContent).join()).not.toMatch(
        /url\(|@import/,
      );
      const attributes = [...document.querySelectorAll("*")].flatMap((element) =>
        [...element.attributes].map(({ name, value }) => ({ element: element.localName, name, value })),
      );
      const loads = attributes.filter(
        ({ element, name, value }) =>
          name.startsWith("on") ||
          (name === "src" && !value.startsWith("data:image/png;base64,")) ||
          (name !== "src" && !name.startsWith("xmlns") && element !== "a" && value.includes("//")),
      );
      expect(loads).toEqual([]);
    }
  });

  it("has every section", () => {
    expect(single.titles).toEqual([
      "Configuration",
      "Curves",
      "Over the epochs",
      "Latent space",
      "Digits",
      "Anatomy",
      "Metrics",
      "Compared with the coursework",
    ]);
    expect(several.titles.slice(0, 3)).toEqual(["Curves", "Comparison", "Rate and distortion"]);
    expect(several.titles.filter((title) => title === "Latent space")).toHaveLength(2);
  });

  it("tells the configuration, and the command that repeats the run", () => {
    expect(single.text).toContain(
      `--preset smoke --data ${smokeConfig.data} --latent 2 --epochs 3 --batch-size 64 --learning-rate 0.003`,
    );
    expect(single.text).toContain("--limit 1000");
    expect(single.text).toMatch(/--limit 1000 --backend wasm --out '.*-again'/);
    expect(single.text).not.toContain("prior-epochs");
    expect(single.document.querySelector(".facts")?.textContent).toMatch(/batch-size\s*64/);
  });

  it("tells a command that ends with the same weights, of a run with an architecture of its own too", {
    tags: ["slow"],
  }, async () => {
    const folder = join(root, `own "spec", $HOME`);
    const spec = changeSpec("smoke", { latentDim: 3 });
    await trainSmoke(folder, { spec, limit: 200, epochs: 1, beta: 2 });
    await trainSmoke(`${folder} 2`, { limit: 200, epochs: 1, beta: 2, schedule: "cosine" });
    for (const of of [folder, `${folder} 2`]) {
      const { text } = read(await writePage([await loadRun(of, "own")]));
      const [command] = text.match(/npm run train -- .*-again'/)!;
      await promisify(execFile)("sh", ["-c", command]);
      const tensorsOf = async (run: string) => (await readCheckpoint(join(run, "checkpoint.bin"))).tensors;
      expect(await tensorsOf(`${of}-again`)).toEqual(await tensorsOf(of));
    }
  });

  it("draws a curve for training and for validation in each panel, and tells the last loss", () => {
    const panels = [...single.document.querySelectorAll(".panels > svg")];
    expect(panels.map((panel) => panel.getAttribute("aria-label"))).toEqual([
      "Total, nats per image",
      "Reconstruction, nats per image",
      "KL, nats per image",
    ]);
    for (const panel of panels) {
      const colours = [...panel.querySelectorAll('[aria-label="line"]')].map((g) => g.getAttribute("stroke"));
      expect(colours).toEqual(["var(--series-0)", "var(--series-1)"]);
    }
    const final = histories[0]!.at(-1)!.validation;
    expect(single.document.querySelector(".key-figures")?.textContent).toContain(final.total.toFixed(2));
  });

  it("carries the pictures of the epochs, of the manifold and of the digits", () => {
    const sizes = single.pictures.map(({ width, height }) => `${width}x${height}`);
    const [reconstructions, samples, digits, manifold] = ["224x112", "224x224", "280x280", "560x560"];
    expect(sizes.slice(0, 9)).toEqual([
      ...Array(3).fill(reconstructions),
      ...Array(3).fill(samples),
      manifold,
      ...Array(2).fill(digits),
    ]);
    expect(several.pictures.filter(({ width }) => width === 560)).toHaveLength(1);
  });

  it("shows all test images in the plane of two dimensions", () => {
    const dots = single.document.querySelectorAll('svg[aria-label="Latent means by class"] circle');
    expect(dots).toHaveLength(300);
    expect(several.text).toContain("projected from 4 dimensions to two by UMAP");
  });

  it("escapes what it is told", () => {
    expect(single.document.querySelector("h1")?.textContent).toBe(HOSTILE);
    expect(single.document.querySelectorAll("i")).toHaveLength(0);
  });

  it("compares runs with the coursework's own figures", () => {
    const rows = [...several.document.querySelectorAll(".comparison tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent.trim()),
    );
    const row = (title: string) => rows.find(([first]) => first === title)?.slice(1);
    expect(rows[1]).toEqual(["", HOSTILE, "wide", "MLP-VAE", "CNN-VAE"]);
    const first = histories.map(([record]) => record!.training.total.toFixed(2));
    expect(row("Training, epoch 1")).toEqual([...first, "192.84", "\u2013"]);
    expect(row("Training, epoch 20")).toEqual(["\u2013", "\u2013", "151.75", "\u2248 101.1"]);
    expect(row("Validation, at the end")?.slice(2)).toEqual(["\u2248 152.9", "\u2248 101.4"]);
    expect(row("Latent dimensions")).toEqual(["2", "4", "2", "16"]);
    // Overlaid: validation and training of both runs.
    expect(several.document.querySelectorAll('#side-by-side .panels [aria-label="line"]')).toHaveLength(
      3 * 4,
    );
  });
});

describe("the metrics", () => {
  it("are asked for where the run was not evaluated", () => {
    expect(single.document.querySelector(".missing")?.textContent).toContain(
      // The folder's name holds a quote, which a shell takes so.
      `npm run evaluate -- '${plane.replace("'", "'\\''")}'`,
    );
  });

  it("are those of the run's evaluation", async () => {
    const { text, document } = read(await writePage([{ ...run, evaluation: evaluation() }]));
    expect(document.querySelector(".missing")).toBeNull();
    expect(document.querySelector(".failure")?.textContent).toContain("one of <2> units");
    for (const figure of ["141.25", "93.4 %", "NLL by 50 samples, nats", "97.31", "3.125", "88.0 %"]) {
      expect(text).toContain(figure);
    }
    const names = [...document.querySelectorAll("tbody th")].map((cell) => cell.textContent);
    const order = ["reconstructions, float", "training images", "reconstructions of training images, float"];
    expect(names.filter((name) => order.includes(name))).toEqual(order);
    // Beside real images in the table of metrics, with them in the comparison.
    const cells = (title: string) =>
      [...document.querySelectorAll("tbody tr")]
        .map((row) => [...row.children].map((cell) => cell.textContent.trim()))
        .filter(([name]) => name === title)
        .map((row) => row.slice(1));
    expect(cells("Two-sample test")).toEqual([
      ["98.5 %", "51.0 %"],
      ["98.5 % (real: 51.0 %)", "\u2013", "\u2013"],
    ]);
  });

  it("say on which images they are, and never call those of validation figures of the test images", async () => {
    const on = async (...splits: Evaluation["on"][]) => {
      const runs = splits.map((split) => ({ ...run, evaluation: { ...evaluation(), on: split } }));
      return read(await writePage(runs));
    };
    const validation = await on("validation");
    expect(validation.text).toContain("On 1,000 validation images of MNIST");
    expect(validation.text).toMatch(/compared with the validation images/);
    // The latent space alone is of the test images, and the anatomy shows some of them.
    const sections = [...validation.document.querySelectorAll("section")].filter(
      (section) => !/^(Latent space|Anatomy)$/.test(section.querySelector("h3")!.textContent),
    );
    expect(sections).toHaveLength(6);
    for (const section of sections) expect(section.textContent).not.toMatch(/\btest (images|set|means)\b/i);
    const test = await on("test");
    expect(test.text).toContain("On 1,000 test images of MNIST");
    expect(test.document.querySelector(".key-figures")?.textContent).toContain("test images");
    const row = ({ document }: Page, title: string) =>
      [...document.querySelectorAll(".comparison tr")]
        .filter((one) => one.firstElementChild?.textContent === title)
        .map((one) => [...one.children].slice(1, 3).map((cell) => cell.textContent));
    const mixed = await on("validation", "test");
    expect(row(mixed, "Evaluated on")).toEqual([["1,000 validation images", "1,000 test images"]]);
    expect(row(mixed, "Negative ELBO, nats")).toEqual([["141.25 (validation)", "141.25 (test)"]]);
    expect(row(mixed, "10-NN class accuracy of the means")).toEqual([
      ["93.4 % (validation)", "93.4 % (test)"],
    ]);
  });

  it("of a diverged model are shown as such, whatever JSON makes of its losses", async () => {
    const folder = await makeRun([record(1), record(2)]);
    const [encoder, decoder] = [drawWeights(planEncoder(flat), "x"), drawWeights(planDecoder(flat), "x")];
    // Both log-variances: exp of them is beyond float64.
    encoder.get(planEncoder(flat).at(-1)!.weights[1]!.name)!.fill(2000, 2);
    const set = await loadEvaluationSet(MNIST, "validation", { ...smokeConfig, limit: 100 });
    const metrics = await evaluateModel(
      { spec: flat, encoder, decoder, latent: createGaussianLatent(2, undefined) },
      set,
      { samples: 0 },
    );
    expect(Number.isFinite(metrics.loss.kl)).toBe(false);
    const { floor } = set.baseline!;
    await writeEvaluation(folder, { ...evaluation(), floor, float: metrics });
    const page = read(await writePage([await loadRun(folder, "x")]));
    expect(page.document.querySelector(".failure")?.textContent).toContain(
      "divergence: the loss is NaN nats",
    );
    expect(page.text).toContain("NaN");
  });
});

describe("an evaluation", () => {
  it("of weights from before the run went on is not shown", async () => {
    const folder = await makeRun([record(1), record(2)]);
    const write = (epochs: number) =>
      writeFile(join(folder, "evaluation.json"), JSON.stringify({ ...evaluation(), epochs }));
    await write(1);
    expect((await loadRun(folder, "x")).evaluation).toBeUndefined();
    await write(2);
    expect((await loadRun(folder, "x")).evaluation?.float?.figures).toEqual(evaluation().float!.figures);
    // Older schemas lack what is shown.
    await writeFile(join(folder, "evaluation.json"), JSON.stringify({ ...evaluation(), schema: 2 }));
    expect((await loadRun(folder, "x")).evaluation).toBeUndefined();
  });
});

describe("a folder is refused", () => {
  it("where it holds no run", async () => {
    const folder = await temporaryFolder();
    await expect(loadRun(folder, "x")).rejects.toThrow(RunError);
    await expect(loadRun(folder, "x")).rejects.toThrow(/is not a run folder: it has no config\.json/);
  });

  it("where its evaluation is damaged", async () => {
    const folder = await makeRun([record(1)]);
    await writeFile(join(folder, "evaluation.json"), JSON.stringify({ ...evaluation(), images: -1 }));
    await expect(loadRun(folder, "x")).rejects.toThrow(/evaluation\.json: images: .*npm run evaluate/);
    await writeFile(join(folder, "evaluation.json"), "{");
    await expect(loadRun(folder, "x")).rejects.toThrow(/evaluation\.json is not JSON/);
  });

  it("where it is named twice", async () => {
    const twice = reportCommand.run({ values: {}, given: new Set() }, ["runs/a", "runs/./a/"]);
    await expect(twice).rejects.toThrow(UsageError);
  });
});

it("draws from the mixture of the run's release, and not from one of an earlier epoch or by other code", async () => {
  const mixture = makeMixture(2, "kept");
  const fixture = await makeRelease("smoke", "kept", flat, mixture);
  const release = async (history: readonly EpochRecord[], code: CodeVersion = fixture.card.source) => {
    const folder = await makeRun(history);
    await mkdir(join(folder, "release", fixture.version), { recursive: true });
    for (const [file, body] of fixture.files) {
      await writeFile(join(folder, "release", fixture.version, file), body);
    }
    return (await loadRun(folder, "x", () => {}, code)).latent.mixture;
  };
  expect(await release(fixture.card.history)).toEqual(mixture);
  expect(await release([...fixture.card.history, record(2)])).not.toEqual(mixture);
  const later = { ...fixture.card.source, revision: "later" };
  expect(await release(fixture.card.history, later)).not.toEqual(mixture);
});

describe("the latent space", () => {
  it("is kept as it is in two dimensions", () => {
    const view = viewLatentSpace({ latents: Float32Array.of(1, 2, 3, 4), labels: Uint8Array.of(7, 9) }, flat);
    expect(view.points).toEqual([
      { x: 1, y: 2, label: 7 },
      { x: 3, y: 4, label: 9 },
    ]);
  });

  it("keeps classes apart that are apart in more dimensions, the same way every time", () => {
    const count = 150;
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
    const latents = sampleNormal(createGenerator("blobs"), new Float32Array(count * 5));
    for (let i = 0; i < count; i++) latents[i * 5 + labels[i]!]! += 30;
    const spec = changeSpec("smoke", { latentDim: 5 });
    const { points } = viewLatentSpace({ latents, labels }, spec);
    expect(viewLatentSpace({ latents, labels }, spec).points).toEqual(points);
    for (const point of points) {
      const nearest = points
        .filter((other) => other !== point)
        .toSorted((a, b) => distance(a, point) - distance(b, point))[0]!;
      expect(nearest.label).toBe(point.label);
    }
  });

  it("is decoded with z1 to the right and z2 upwards, at the quantiles of N(0, I)", () => {
    const { decoder } = run;
    const { data, width } = decode(drawManifold(run));
    const [low, high] = [inverseNormalCdf(0.025), inverseNormalCdf(0.975)];
    const tile = (column: number, row: number) =>
      Uint8Array.from({ length: 784 }, (_, i) => {
        const [x, y] = [column * 28 + (i % 28), row * 28 + Math.floor(i / 28)];
        return data[y * width + x]!;
      });
    expect(tile(19, 0)).toEqual(decoder.image(Float32Array.of(high, high)).pixels);
    expect(tile(0, 0)).toEqual(decoder.image(Float32Array.of(low, high)).pixels);
    expect(tile(19, 19)).toEqual(decoder.image(Float32Array.of(high, low)).pixels);
  });
});

it.each([1, 2, 5, 6, 20, 40, 400])(
  "a few of %d epochs are in order, with the first and the last",
  (count) => {
    const epochs = Array.from({ length: count }, (_, i) => i + 1);
    const shown = spreadOut(epochs, 5);
    expect(shown).toHaveLength(Math.min(5, count));
    expect([shown[0], shown.at(-1)]).toEqual([1, count]);
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown.toSorted((a, b) => a - b)).toEqual(shown);
  },
);

it("runs are called by their folders, or by their paths where two share a name", () => {
  expect(namesOf(["runs/a", "runs/b"])).toEqual(["a", "b"]);
  expect(namesOf(["runs/a", "old/a"])).toEqual(["runs/a", "old/a"]);
});

function read(page: string) {
  const { document } = parseHTML(page);
  const pictures = [...document.querySelectorAll("img")].map((image) =>
    decode(Buffer.from(image.getAttribute("src")!.split(",")[1]!, "base64")),
  );
  const titles = [...document.querySelectorAll("h3")].map((title) => title.textContent);
  return { document, pictures, titles, text: document.body.textContent };
}

/** A run that nobody trained: weights drawn from a seed under the history given. */
async function makeRun(history: readonly EpochRecord[]): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...smokeConfig, spec: flat }));
  await writeCheckpoint(join(folder, "checkpoint.bin"), {
    backend: "wasm",
    adamStep: 1,
    history,
    tensors: new Map([...drawWeights(planEncoder(flat), "run"), ...drawWeights(planDecoder(flat), "run")]),
  });
  return folder;
}

function record(epoch: number): EpochRecord {
  const loss = { reconstruction: 100, kl: 10, total: 110 };
  return { epoch, seconds: 1, training: loss, validation: loss };
}

function evaluation(): Evaluation {
  const judgement = (frechet: number) => ({
    images: 1000,
    frechet,
    precision: 0.9,
    recall: 0.8,
    classCounts: Array(10).fill(100),
    sharpness: 0.5,
  });
  return {
    schema: 3,
    epochs: 2,
    stageEpochs: {},
    data: "MNIST",
    on: "validation",
    images: 1000,
    floor: judgement(0.25),
    realism: [{ name: "Two-sample test", value: 0.51, text: "51.0 %" }],
    quantized: {
      loss: { reconstruction: 131.25, kl: 10, total: 141.25 },
      figures: [],
      realism: [{ name: "Two-sample test", value: 0.985, text: "98.5 %" }],
    },
    float: {
      loss: { reconstruction: 131.25, kl: 10, total: 141.25 },
      figures: [
        { name: "NLL by 50 samples, nats", value: 97.31, text: "97.31" },
        { name: "Active units", value: 1, text: "1 of 2" },
        { name: "10-NN class accuracy of the means", value: 0.934, text: "93.4 %" },
      ],
      failure: "one of <2> units is active",
      draws: {
        reconstructions: judgement(2),
        "reconstructions of training images": judgement(2.5),
        mixture: { ...judgement(3.125), classAccuracy: 0.88 },
        "N(0, I)": judgement(20),
      },
    },
  };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2;
}
