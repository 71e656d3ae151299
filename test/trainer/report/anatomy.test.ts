// The anatomy in the report: every figure says what its axes are and what to see, and is described to those who do not see it.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { changeSpec } from "../../../shared/model/presets.ts";
import { reportCommand } from "../../../trainer/commands/report.ts";
import { figureElement } from "../../../trainer/report/figure.ts";
import { confusionFigure } from "../../../trainer/report/figures/confusion.ts";
import { rateDistortionFigure } from "../../../trainer/report/figures/rate-distortion.ts";
import { smokeConfig, trainSmoke } from "../smoke-run.ts";
import { axesOf, expectExplained, figuresOf } from "./explained.ts";

let root: string;
let page: Document;
let files: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edge-digits-anatomy-"));
  const run = join(root, "run");
  const spec = changeSpec("smoke", { latentDim: 2 });
  await trainSmoke(run, { ...smokeConfig, spec, latent: 2, epochs: 1 });
  await trainSmoke(join(root, "beta"), { ...smokeConfig, spec, latent: 2, epochs: 1, beta: 3 });
  vi.spyOn(console, "log").mockImplementation(() => {});
  const figures = join(root, "figures");
  const rateDistortion = `${run},${join(root, "beta")}`;
  await reportCommand.run({ values: { figures, rateDistortion }, given: new Set() }, [run]);
  vi.restoreAllMocks();
  page = parseHTML(await readFile(join(run, "report.html"), "utf8")).document;
  files = (await readdir(figures)).toSorted();
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("the anatomy of a run", () => {
  it("has its figures in order, each with labelled axes, a caption and a text for those who see no picture", () => {
    const section = [...page.querySelectorAll("section")].find(
      (one) => one.querySelector("h3")!.textContent === "Anatomy",
    )!;
    expect([...section.querySelectorAll("h4")].map((title) => title.textContent)).toEqual([
      "KL of each dimension",
      "What the KL pays for",
      "Traversals",
      "Interpolations between test images",
      "Nearest training images",
    ]);
    const figures = figuresOf(page);
    expect(figures).toHaveLength(6);
    figures.forEach(expectExplained);
  });

  it("has a bar for each dimension, and one for N(0, I) and for the mixture", () => {
    const [kl, parts] = figuresOf(page);
    expect(axesOf(kl!.querySelector("svg")!)).toEqual([
      "Latent dimension, by falling KL",
      "KL, nats per image",
    ]);
    expect(kl!.querySelectorAll('[aria-label="bar"] rect')).toHaveLength(2);
    expect(parts!.textContent).toMatch(/N\(0, I\)/);
    expect(parts!.textContent).toMatch(/I\(n; z\) = \d+\.\d\d \u00b1 \d\.\d\d nats/);
    expect(parts!.textContent).toMatch(/mixture pays \d+\.\d\d/);
  });

  it("is written as files too, which need nothing else", async () => {
    expect(files).toEqual([
      "interpolations.png",
      "kl-parts.svg",
      "kl-per-dimension.svg",
      "neighbours.png",
      "neighbours.svg",
      "rate-distortion.svg",
      "traversals.png",
    ]);
    for (const file of files) {
      const content = await readFile(join(root, "figures", file));
      if (file.endsWith(".png")) {
        expect(decode(content).width % 28).toBe(0);
        continue;
      }
      const svg = content.toString();
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
      for (const [, name] of svg.matchAll(/var\((--[\w-]+)\)/g)) expect(svg).toContain(`${name}:`);
    }
  });
});

describe("the confusion matrix", () => {
  const counts = Array.from({ length: 10 }, (_, asked): number[] =>
    Array.from({ length: 10 }, (_, recognised) => (asked === recognised ? 96 : 0)),
  );
  counts[4]![9] = 4;

  it("shows the shares of each row, and names the most frequent error", () => {
    const { document } = parseHTML(`<body>${figureElement(confusionFigure(counts, "mixture"))}</body>`);
    const [figure] = figuresOf(document);
    expectExplained(figure!);
    expect(axesOf(figure!.querySelector("svg")!)).toEqual(["Recognised as", "Asked for by digit="]);
    const caption = figure!.querySelector("figcaption")!.textContent;
    expect(caption).toContain("964 digits");
    expect(caption).toContain("99.6 % lie on the diagonal");
    expect(caption).toContain("a 4 that is recognised as a 9, 4.0 % of the 4s");
    const texts = [...figure!.querySelectorAll('[aria-label="text"] text')].map((text) => text.textContent);
    expect(texts.toSorted()).toEqual([...new Array(9).fill("100"), "4.0", "96"].toSorted());
  });
});

describe("rate and distortion", () => {
  const runs = [4, 0.25, 1].map((beta) => ({
    name: `beta-${beta}`,
    beta,
    setting: "same",
    rate: 20 / beta,
    distortion: 80 + 8 * beta,
    learned: { name: "mixture", rate: 15 / beta },
  }));
  const linesOf = (figure: Element) =>
    [...figure.querySelectorAll('[aria-label="line"] path')].map(
      (path) => path.getAttribute("d")!.split(/[LC]/).length,
    );

  it("of runs in other folders stands beside the run's own", () => {
    const figure = figuresOf(page).at(-1);
    const labels = [...figure!.querySelectorAll('[aria-label="text"] text')].map((text) => text.textContent);
    expect(labels).toEqual(["\u03b2 1", "\u03b2 3"]);
  });

  it("joins runs that differ in beta alone, in its order, under both priors", () => {
    const { document } = parseHTML(`<body>${figureElement(rateDistortionFigure(runs))}</body>`);
    const [figure] = figuresOf(document);
    expectExplained(figure!);
    expect(axesOf(figure!.querySelector("svg")!).join()).toMatch(
      /Rate: .*nats per image,Distortion: .*nats per image/,
    );
    // The diagonal, then three points under each prior.
    expect(linesOf(figure!)).toEqual([2, 3, 3]);
    expect(figure!.textContent).toContain("the negative ELBO is 108.0 nats, as that of beta 1");
    const labels = [...figure!.querySelectorAll('[aria-label="text"] text')].map((text) => text.textContent);
    expect(labels).toEqual(["\u03b2 0.25", "\u03b2 1", "\u03b2 4"]);
  });

  it("joins no runs that differ in something else, and calls them by name", () => {
    const others = runs.map(({ learned: _, ...run }, i) => ({ ...run, setting: String(i) }));
    const { document } = parseHTML(`<body>${figureElement(rateDistortionFigure(others))}</body>`);
    const [figure] = figuresOf(document);
    expect(linesOf(figure!).filter((points) => points > 1)).toEqual([2]);
    expect(figure!.textContent).toContain("beta-0.25");
    expect(figure!.textContent).not.toContain("mixture");
  });
});
