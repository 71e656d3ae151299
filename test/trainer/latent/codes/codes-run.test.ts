// A run of a model with codes, from training to release, report and evaluation.

import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEncoder } from "../../../../shared/decoder/encoder.ts";
import { DigestError, MissingObjectError, SchemaError } from "../../../../shared/errors.ts";
import { CODES_FILES } from "../../../../shared/latent/codes/kind.ts";
import type { CodesLatent } from "../../../../shared/latent/codes/latent.ts";
import { fromMemory, openLatent, readNetwork } from "../../../../shared/release/open.ts";
import { parseCard, StageEpochSchema, sha256, stringifyJson } from "../../../../shared/release/release.ts";
import { loadDecodeKernels } from "../../../../trainer/backend/decode-kernels.ts";
import { selectBackend } from "../../../../trainer/backend/registry.ts";
import { dataSource, loadDataset, MNIST } from "../../../../trainer/data/dataset.ts";
import { RunError } from "../../../../trainer/errors.ts";
import { evaluateModel } from "../../../../trainer/evaluate/evaluate-model.ts";
import type { Evaluation } from "../../../../trainer/evaluate/evaluation.ts";
import { loadEvaluationSet } from "../../../../trainer/evaluate/evaluation-set.ts";
import { figureOf } from "../../../../trainer/evaluate/figures.ts";
import type { Judge } from "../../../../trainer/evaluate/judge.ts";
import { trainPrior } from "../../../../trainer/latent/codes/train-prior.ts";
import { kindOf } from "../../../../trainer/latent/kind.ts";
import { createParallel } from "../../../../trainer/parallel/parallel.ts";
import { readReleaseFolder } from "../../../../trainer/publish/publish.ts";
import { assembleRelease, type Release } from "../../../../trainer/release/assemble.ts";
import { checkGolden, checkStock } from "../../../../trainer/release/golden.ts";
import { writePage } from "../../../../trainer/report/page.ts";
import { loadRun } from "../../../../trainer/report/run.ts";
import { readCheckpoint } from "../../../../trainer/train/checkpoint.ts";
import type { TrainingConfig } from "../../../../trainer/train/config.ts";
import { silentProgress } from "../../../../trainer/train/progress.ts";
import { train } from "../../../../trainer/train/train.ts";
import { temporaryFolder } from "../../../folder.ts";
import { expectExplained, figuresOf } from "../../report/explained.ts";
import { codesConfig as config, trainSmoke } from "../../smoke-run.ts";

const { spec } = config;

describe("a run", () => {
  let folder: string;
  let release: Release;
  const assembly = (edit: Partial<TrainingConfig> = {}) => ({
    ...{ run: folder, config: { ...config, ...edit }, name: "vq-smoke", revision: "test", trainer: "0.0.0" },
  });
  const read = async (file: string) => new Uint8Array(await readFile(join(release.folder, file)));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("lowers the loss of both stages, uses its codes, and leaks no tensor", async () => {
    await selectBackend("wasm");
    const before = tf.memory().numTensors;
    const history = await trainSmoke(folder, { ...config, epochs: 3 });
    expect(history.at(-1)!.validation.reconstruction).toBeLessThan(
      history[0]!.validation.reconstruction - 20,
    );
    expect(history.at(-1)!.validation.kl).toBeCloseTo(49 * Math.log(16), 3);
    expect(history.at(-1)!.codes!.used).toBeGreaterThan(8);
    expect(history.at(-1)!.codes!.perplexity).toBeLessThanOrEqual(history.at(-1)!.codes!.used);
    await expect(assembleRelease(assembly())).rejects.toThrow(RunError);

    const images = await loadDataset(dataSource(config.data), "train");
    const run = { folder, backend: "wasm", images, progress: silentProgress, parallel: createParallel(1) };
    const dropout = { ...config, priorDropout: 0.1 };
    const [first] = await trainPrior({ ...run, config: { ...dropout, priorEpochs: 1 } });
    const epochs = await trainPrior({ ...run, config: { ...dropout, priorEpochs: 3 } });
    expect(epochs[0]).toEqual(first);
    expect(epochs.at(-1)!.validation).toBeLessThan(first!.validation - 5);
    expect(epochs.at(-1)!.validation).toBeLessThan(49 * Math.log(16));
    expect(tf.memory().numTensors).toBe(before);
    release = await assembleRelease(assembly({ priorEpochs: 3 }));
  });

  it("ends in a release of scheme vq1 with codebook and prior, and the cost of both stages", async () => {
    const card = await parseCard(await read("card.json"), release.cardSha256);
    expect(card.scheme).toBe("vq1");
    expect(Object.keys(card.files)).toEqual(expect.arrayContaining(Object.values(CODES_FILES)));
    expect(Object.keys(card.files)).not.toContain("sampler.bin");
    expect(card.prior).toHaveLength(3);
    expect(card.metrics.float.kl).toBeCloseTo(card.prior!.at(-1)!.validation, 1);
    expect(card.metrics.float.reconstruction).toBeCloseTo(card.history.at(-1)!.validation.reconstruction, 1);
  });

  it("whose golden seeds are drawn from the files, and by stock tfjs from the embeddings", async () => {
    const files = await readReleaseFolder(release.folder);
    expect(await checkGolden(files)).toBe(release.card.golden.length);
    await checkStock(files);
    const other = { ...release.card, golden: [{ seed: "1", sha256: "0".repeat(64) }] };
    await expect(checkGolden({ ...files, card: other })).rejects.toThrow(DigestError);
  });

  it("that is evaluated by its codes: their cost, their use, and what its prior draws by class", async () => {
    const set = await loadEvaluationSet(dataSource(config.data), "validation", config);
    const { labels, images } = set;
    // Only MNIST's digits are scored by themselves.
    const { baseline } = await loadEvaluationSet(MNIST, "validation", config);
    const judged: (Uint8Array | undefined)[] = [];
    const judge: Judge = async (drawn, intended) => {
      judged.push(intended);
      expect(drawn.length / 784).toBe(labels.length);
      expect(drawn.every((level) => level >= 0 && level <= 1)).toBe(true);
      return baseline!.judge(drawn, intended);
    };
    const { card, files } = await readReleaseFolder(release.folder);
    const encoder = await readNetwork(card, "encoder", fromMemory(files));
    const decoder = await readNetwork(card, "decoder", fromMemory(files));
    const latent = (await openLatent(card, fromMemory(files), loadDecodeKernels)) as CodesLatent;
    const metrics = await evaluateModel(
      { spec, encoder, decoder, latent },
      { ...set, baseline: { ...baseline!, judge } },
      { samples: 50 },
    );
    // What the card promises of the quantized weights, on the same images.
    const measured = (name: string) => figureOf(metrics.figures, name)!.value;
    const klGivenDigit = measured("Codes, bits given the digit") * Math.LN2;
    expect(metrics.loss.reconstruction).toBeCloseTo(card.metrics.quantized.reconstruction, 3);
    expect(klGivenDigit).toBeCloseTo(card.metrics.quantized.kl, 3);
    expect(measured("Negative ELBO given the digit, nats")).toBeCloseTo(card.metrics.quantized.total, 3);
    // Without being given the digit: the prior's mixture over all digits, which is never dearer than one of its parts.
    const { encode, nats, shares } = latent;
    const network = createEncoder(loadDecodeKernels(), spec, encoder);
    const byImage = Array.from(labels, (_, i) => {
      const { values: grid } = encode(network.encode(images.subarray(i * 784, (i + 1) * 784)));
      return -Math.log(shares.reduce((sum, share, digit) => sum + share * Math.exp(-nats(grid, digit)), 0));
    });
    const kl = byImage.reduce((sum, cost) => sum + cost, 0) / labels.length;
    expect(metrics.loss.kl).toBeCloseTo(kl, 6);
    expect(metrics.loss.total).toBeCloseTo(metrics.loss.reconstruction + kl, 6);
    expect(metrics.loss.kl).not.toBeCloseTo(klGivenDigit, 2);
    expect(metrics.figures.map(({ name }) => name)).toEqual([
      "Negative ELBO given the digit, nats",
      "Codes, bits given the digit",
      "\u2003by the frequencies of each cell",
      "Mutual information I(n; codes), bits",
      "Codes in use",
      "Perplexity of the codes",
    ]);
    expect(measured("Perplexity of the codes")).toBeLessThanOrEqual(measured("Codes in use"));
    // Reconstructions of these images and of the floor's, the prior, and cooler, each of the digits that these images show.
    expect(judged).toEqual([labels, baseline!.others.labels, labels, labels, labels]);
    expect(Object.keys(metrics.draws!).slice(2)).toEqual([
      "prior",
      "prior at temperature 0.9",
      "prior at temperature 0.8",
    ]);
  });

  it("that webgpu is not asked to train", async () => {
    const images = await loadDataset(dataSource(config.data), "train");
    const run = {
      folder: join(folder, "other"),
      images,
      digests: {},
      progress: silentProgress,
      parallel: createParallel(1),
      config,
    };
    await expect(train({ ...run, kind: kindOf(spec), backend: "webgpu", resume: false })).rejects.toThrow(
      "expected --backend tensorflow-gpu, tensorflow, wasm, cpu",
    );
    expect(existsSync(run.folder)).toBe(false);
  });

  it("that is reported with its own loss, its prior's curve and what it draws by class", async () => {
    await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, priorEpochs: 3 }));
    const run = await loadRun(folder, "codes");
    const prior = run.stages.prior!.at(-1)!.validation;
    expect(run.validation.kl).toBe(prior);
    expect(run.validation.total).toBe(run.final.validation.reconstruction + prior);
    const page = await writePage([run]);
    expect(page).toContain("49 codes of 16");
    const figures = figuresOf(parseHTML(page).document);
    figures.forEach(expectExplained);
    expect(figures.map((figure) => figure.previousElementSibling!.textContent)).toEqual([
      "Codebook",
      "Use of the codes",
      "Entropy of each cell",
      "What the codes cost",
      "Interpolations between test images",
      "Nearest training images",
    ]);
    expect(page).toContain(`<b>${run.validation.total.toFixed(2)}</b>`);
    expect(page).toContain("what the codes cost, given the digit, under the prior");
    // A loss that is given the digit stands in no row with those of other models.
    const rowsOf = (html: string) =>
      [...parseHTML(html).document.querySelectorAll(".comparison tr")].map((row) =>
        [...row.children].map((cell) => cell.textContent.trim()),
      );
    const rows = rowsOf(page);
    const row = (title: string, of = rows) =>
      of.filter(([first]) => first === title).map((cells) => cells[1]);
    expect(row("Validation, at the end")).toEqual(["\u2013"]);
    expect(row("of codes, given the digit")).toEqual([run.validation.total.toFixed(2)]);
    const loss = (kl: number) => ({ reconstruction: 100, kl, total: 100 + kl });
    const givenDigit = { name: "Negative ELBO given the digit, nats", value: 130.25, text: "130.25" };
    const metrics = { loss: loss(32.5), figures: [givenDigit] };
    const evaluation: Evaluation = {
      schema: 3,
      epochs: 3,
      stageEpochs: { prior: 3 },
      data: "MNIST",
      on: "validation",
      images: 40,
      quantized: metrics,
    };
    expect(page.match(/aria-label="(Total|Reconstruction|KL), nats per image"/g)).toHaveLength(2);
    expect(page.match(/alt="Digits by class"/g)).toHaveLength(2);
    expect(page.match(/alt="Samples of the prior after epoch/g)).toHaveLength(3);
    expect(page).not.toContain("Not finished");
    const cut = { ...run, config: { ...run.config, priorEpochs: 9 }, evaluation };
    const evaluatedPage = await writePage([cut]);
    expect(evaluatedPage).toContain("3 of 9 epochs");
    const evaluated = rowsOf(evaluatedPage);
    // In the table of metrics, and in the comparison.
    expect(row("Negative ELBO, nats", evaluated)).toEqual(["132.50"]);
    expect(row("Negative ELBO given the digit, nats", evaluated)).toEqual(["130.25"]);
    expect(row("Evaluated on", evaluated)).toEqual(["40 validation images"]);
  });

  it("whose prior was stopped and went on ends with the bits of one that was not", async () => {
    await selectBackend("wasm");
    const images = await loadDataset(dataSource(config.data), "train");
    const tensorsAfter = async (...epochs: number[]) => {
      const other = await temporaryFolder();
      await cp(join(folder, "checkpoint.bin"), join(other, "checkpoint.bin"));
      await mkdir(join(other, "epochs"));
      // The step size falls over all the epochs that a run has, so a stop is not one epoch less.
      const settled = { ...config, priorEpochs: 2, priorDropout: 0.1 };
      for (const stop of epochs) {
        const progress = {
          ...silentProgress,
          epoch: ({ epoch }: { epoch: number }) => {
            if (epoch === stop) throw new Error("stopped");
          },
        };
        const run = {
          folder: other,
          backend: "wasm",
          images,
          progress,
          parallel: createParallel(1),
          config: settled,
        };
        await trainPrior(run).catch((error: Error) => expect(error.message).toBe("stopped"));
      }
      return (await readCheckpoint(join(other, "prior.bin"), StageEpochSchema)).tensors;
    };
    expect(await tensorsAfter(1, 9)).toEqual(await tensorsAfter(9));
  });

  it("whose codes are damaged, gone, or of another format is refused by name", async () => {
    const { card } = release;
    const [model, weights] = [await read(CODES_FILES.model), await read(CODES_FILES.weights)];
    const flipped = weights.slice();
    flipped[flipped.length >> 1]! ^= 1;
    const reading = (of: typeof card, ...files: Uint8Array[]) =>
      openLatent(
        of,
        fromMemory(new Map(files.map((bytes, i) => [Object.values(CODES_FILES)[i]!, bytes]))),
        loadDecodeKernels,
      );
    await expect(reading(card, model, flipped)).rejects.toThrow(DigestError);
    await expect(reading(card, model, weights.slice(1))).rejects.toThrow(DigestError);
    await expect(reading(card, model)).rejects.toThrow(MissingObjectError);
    const other = stringifyJson({ ...JSON.parse(new TextDecoder().decode(model)), format: "layers-model" });
    const promised = { bytes: other.byteLength, sha256: await sha256(other) };
    const adjusted = { ...card, files: { ...card.files, [CODES_FILES.model]: promised } };
    await expect(reading(adjusted, other, weights)).rejects.toThrow(SchemaError);
    const wrong = stringifyJson({ ...card, scheme: "s1" });
    await expect(parseCard(wrong, await sha256(wrong))).rejects.toThrow("scheme s1");
  });
});
