// A trained run to a release, and the proof that others read it as we do.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawFromSeed, sampleLatent } from "../../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { presets } from "../../../shared/model/presets.ts";
import { fromMemory, openRelease } from "../../../shared/release/open.ts";
import { parseCard, sha256 } from "../../../shared/release/release.ts";
import { loadDecodeKernels } from "../../../trainer/backend/decode-kernels.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { dataSource, digitShares, loadDataset, splitTraining } from "../../../trainer/data/dataset.ts";
import { GateError, RunError } from "../../../trainer/errors.ts";
import { readReleaseFolder } from "../../../trainer/publish/publish.ts";
import { assembleRelease, type Release } from "../../../trainer/release/assemble.ts";
import { checkGolden, checkStock } from "../../../trainer/release/golden.ts";
import { checkAgainstLive, checkGate } from "../../../trainer/release/measure.ts";
import { temporaryFolder } from "../../folder.ts";
import { smokeConfig, trainSmoke } from "../smoke-run.ts";

let folder: string;
let release: Release;
const assembly = () => ({
  run: folder,
  config: smokeConfig,
  name: "smoke",
  revision: "test",
  trainer: "0.0.0",
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  await trainSmoke(folder);
  release = await assembleRelease(assembly());
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (file: string) => new Uint8Array(await readFile(join(release.folder, file)));

describe("a release", () => {
  it("is named by its card's digest, and the card by the digests of the rest", async () => {
    const card = await parseCard(await read("card.json"), release.cardSha256);
    expect(release.version).toBe(release.cardSha256.slice(0, 12));
    for (const [file, { bytes, sha256: digest }] of Object.entries(card.files)) {
      expect((await read(file)).byteLength).toBe(bytes);
      expect(await sha256(await read(file))).toBe(digest);
    }
    expect(Object.keys(card.files).toSorted()).toEqual(
      ["encoder.bin", "encoder.json", "model.json", "preview.png", "sampler.bin", "weights.bin"].toSorted(),
    );
  });

  it("carries the run's history and configuration, and what quantization cost", () => {
    const { history, training, metrics } = release.card;
    expect(history).toHaveLength(smokeConfig.epochs);
    expect(training).toMatchObject({ preset: "smoke", batchSize: 64, limit: 1000 });
    expect(metrics.validationImages).toBe(100);
    // The engine's loss with its own noise, beside the trainer's with another.
    expect(metrics.float.total).toBeCloseTo(history.at(-1)!.validation.total, -0.5);
    expect(metrics.quantized.total).not.toBe(metrics.float.total);
    expect(metrics.pixelError.max).toBeLessThan(16);
  });

  it("opens in stock tfjs over HTTP, and draws what our decoder draws", async () => {
    const server = createServer(async (request, response) => response.end(await read(request.url!.slice(1))));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      await selectBackend("cpu");
      const model = await tf.loadLayersModel(`http://127.0.0.1:${port}/model.json`);
      const { card } = release;
      const { decoder } = await openRelease(card, read, loadDecodeKernels());
      for (let seed = 0; seed < 50; seed++) {
        const latent = sampleLatent(String(seed), latentDim(card.spec));
        const stock = tf.tidy(() =>
          (model.predict(tf.tensor2d(latent, [1, latent.length])) as tf.Tensor).dataSync(),
        );
        const ours = decoder.image(latent).pixels;
        for (let i = 0; i < ours.length; i++) expect(Math.abs(ours[i]! - 255 * stock[i]!)).toBeLessThan(0.51);
      }
      model.dispose();
    } finally {
      server.close();
    }
  });

  it("draws its golden seeds", async () => {
    const { card } = release;
    const {
      decoder,
      latent: { mixture },
    } = await openRelease(card, read, loadDecodeKernels());
    expect(card.golden).toHaveLength(16);
    for (const { seed, sha256: digest } of card.golden) {
      const latent = drawFromSeed(seed, {}, latentDim(card.spec), mixture).latent;
      expect(await sha256(decoder.image(latent).pixels)).toBe(digest);
    }
  });

  it("draws each digit as often as the training images have it, also those that editing mostly drops", async () => {
    const { labels, count } = await loadDataset(dataSource(smokeConfig.data), "train");
    const { training } = splitTraining(count, smokeConfig.seed, smokeConfig.limit);
    const shares = digitShares(Uint8Array.from(training, (index) => labels[index]!));
    const { card, files } = await readReleaseFolder(release.folder);
    const { latent } = await openRelease(card, fromMemory(files), loadDecodeKernels());
    const seeds = 20_000;
    const drawn = new Float64Array(10);
    for (let seed = 0; seed < seeds; seed++) drawn[latent.draw(String(seed), {}).digit!]! += 1 / seeds;
    for (const [digit, share] of shares.entries()) {
      const standardError = Math.sqrt((share * (1 - share)) / seeds);
      expect(Math.abs(drawn[digit]! - share), `digit ${digit}`).toBeLessThan(4 * standardError);
    }
  });

  it("of an unfinished run is refused", async () => {
    const unfinished = assembleRelease({ ...assembly(), config: { ...smokeConfig, epochs: 9 } });
    await expect(unfinished).rejects.toThrow(RunError);
  });
});

describe("a release of a binarised run", () => {
  it("is calibrated, measured and given its mixture on binarised images", { tags: ["slow"] }, async () => {
    const run = await temporaryFolder();
    const config = { ...smokeConfig, binarise: true };
    const history = await trainSmoke(run, { binarise: true });
    const { card } = await assembleRelease({ ...assembly(), run, config });
    // The KL needs no draw of a latent: on the images of training it is that of the history, up to their binarisation.
    const grey = await assembleRelease({ ...assembly(), run, gate: () => {} });
    const trained = history.at(-1)!.validation.kl;
    expect(Math.abs(card.metrics.float.kl - trained)).toBeLessThan(0.4);
    expect(Math.abs(grey.card.metrics.float.kl - trained)).toBeGreaterThan(0.7);
    // Calibration decides the quantized weights, the sampler follows the encoder's means.
    for (const file of ["encoder.bin", "weights.bin", "sampler.bin"]) {
      expect(card.files[file]!.sha256, file).not.toBe(grey.card.files[file]!.sha256);
    }
  });
});

describe("the gate", () => {
  const loss = (total: number) => ({ reconstruction: total - 10, kl: 10, total });
  const metrics = (rise: number, mean: number, p999: number) => ({
    validationImages: 1,
    float: loss(100),
    quantized: loss(100 + rise),
    pixelError: { mean, p999, max: 255 },
  });

  it("accepts a release within all limits", () => {
    expect(() => checkGate(metrics(0.099, 0.3, 8))).not.toThrow();
  });

  it.each([
    ["validation loss", metrics(0.11, 0, 0)],
    ["mean pixel error", metrics(0, 0.31, 0)],
    ["99.9th percentile", metrics(0, 0, 9)],
    ["validation loss", metrics(Number.NaN, 0, 0)],
  ])("refuses one beyond the limit of the %s, and names it", (named, bad) => {
    expect(() => checkGate(bad)).toThrow(GateError);
    expect(() => checkGate(bad)).toThrow(named);
  });
});

describe("the gate of stock tfjs", () => {
  it("accepts the files of a release", async () => {
    const files = await readReleaseFolder(release.folder);
    expect(await checkGolden(files)).toBe(16);
    await expect(checkStock(files)).resolves.toBeUndefined();
  });

  /** The release with another model.json, to which the card agrees. */
  const withModel = async (edit: (text: string) => string) => {
    const { card, files } = await readReleaseFolder(release.folder);
    const model = new TextEncoder().encode(edit(new TextDecoder().decode(files.get("model.json"))));
    const promised = { bytes: model.byteLength, sha256: await sha256(model) };
    return {
      card: { ...card, files: { ...card.files, "model.json": promised } },
      files: new Map([...files, ["model.json", model]]),
    };
  };

  it("refuses files that tfjs reads as another network, or not at all", async () => {
    const other = await withModel((text) => text.replace('"activation": "relu"', '"activation": "linear"'));
    await expect(checkStock(other)).rejects.toThrow(GateError);
    await expect(checkStock(other)).rejects.toThrow("renders seed");
    const none = await withModel((text) => text.replace('"class_name": "Dense"', '"class_name": "Dence"'));
    await expect(checkStock(none)).rejects.toThrow("cannot load model.json");
  });
});

describe("the gate of the live version", () => {
  const withLoss = (total: number) => {
    const { card } = release;
    return { ...card, metrics: { ...card.metrics, quantized: { ...card.metrics.quantized, total } } };
  };

  it("accepts a release that is at most one nat worse", () => {
    expect(() => checkAgainstLive(withLoss(101), withLoss(100))).not.toThrow();
    expect(() => checkAgainstLive(withLoss(90), withLoss(100))).not.toThrow();
  });

  it("refuses a worse one, one that is not finite, and one that was trained on other images", () => {
    expect(() => checkAgainstLive(withLoss(101.1), withLoss(100))).toThrow("101.10 nats");
    expect(() => checkAgainstLive(withLoss(Number.NaN), withLoss(100))).toThrow(GateError);
    const other = { ...release.card, data: { ...release.card.data, files: { x: "0".repeat(64) } } };
    expect(() => checkAgainstLive(other, release.card)).toThrow("do not compare");
  });

  it("does not compare binarised with grey models, or models with and without codes", () => {
    const { card } = release;
    const binarised = { ...card, training: { ...card.training, binarise: true } };
    expect(() => checkAgainstLive(binarised, card)).toThrow(
      "trained on binarised images, the live version on grey images: losses in nats do not compare",
    );
    expect(() => checkAgainstLive(card, binarised)).toThrow(GateError);
    expect(() => checkAgainstLive(binarised, binarised)).not.toThrow();
    const coded = { ...card, spec: presets["vq-smoke"] };
    expect(() => checkAgainstLive(card, coded)).toThrow("the live version with codes");
  });
});
