// The releases that ship in models/ are what their cards say, draw what they promised, and are as good as they should be.

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { presets } from "../../../shared/model/presets.ts";
import { fromMemory, openLatent, openRelease } from "../../../shared/release/open.ts";
import { NETWORK_FILES, sha256, versionOf } from "../../../shared/release/release.ts";
import { loadDecodeKernels } from "../../../trainer/backend/decode-kernels.ts";
import { digitShares, loadDataset, MNIST, splitTraining } from "../../../trainer/data/dataset.ts";
import { listReleaseFolders, readReleaseFolder } from "../../../trainer/publish/publish.ts";
import { checkGate } from "../../../trainer/release/measure.ts";

const folders = await listReleaseFolders("models");
const cards = await Promise.all(folders.map(async (folder) => (await readReleaseFolder(folder)).card));
const withMixture = folders.filter((_, i) => cards[i]!.spec.latent.kind === "gaussian");

describe.each(folders)("%s", (folder) => {
  it("is stored under its version, passes the gate, and draws its golden seeds", async () => {
    const { card, cardSha256, files } = await readReleaseFolder(folder);
    expect(folder).toBe(`models/${card.name}/${versionOf(cardSha256)}`);
    expect(() => checkGate(card.metrics)).not.toThrow();
    const { decoder, latent } = await openRelease(card, fromMemory(files), loadDecodeKernels());
    expect(latent.digits).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { seed, sha256: digest } of card.golden) {
      expect(await sha256(decoder.image(latent.draw(seed, {}).latent).pixels)).toBe(digest);
    }
  });
});

describe("the digits that are drawn without a choice", () => {
  const SEEDS = 20_000;

  it.each(folders)(
    "%s: each as often as MNIST has it, within four standard errors of 20,000 seeds",
    { timeout: 300_000, tags: ["slow"] },
    async (folder) => {
      const { labels } = await loadDataset(MNIST, "train");
      const { card, files } = await readReleaseFolder(folder);
      const { latent } = await openRelease(card, fromMemory(files), loadDecodeKernels());
      const drawn = new Float64Array(10);
      for (let seed = 0; seed < SEEDS; seed++) drawn[latent.draw(String(seed), {}).digit!]! += 1 / SEEDS;
      for (const [digit, share] of digitShares(labels).entries()) {
        const standardError = Math.sqrt((share * (1 - share)) / SEEDS);
        expect(Math.abs(drawn[digit]! - share), `digit ${digit}`).toBeLessThan(4 * standardError);
      }
    },
  );

  it.each(withMixture)(
    "%s: its mixture has the very shares of its training images, not of those that editing kept",
    async (folder) => {
      const { card, files } = await readReleaseFolder(folder);
      const { labels, count } = await loadDataset(MNIST, "train");
      const { training } = splitTraining(count, String(card.training.seed));
      const shares = digitShares(Uint8Array.from(training, (index) => labels[index]!));
      const { mixture } = await openLatent(card, fromMemory(files), loadDecodeKernels);
      expect(mixture!.classes.map(({ prior }) => prior)).toEqual([...shares]);
    },
  );
});

describe("the coursework's models", () => {
  // Nats per image after 20 epochs; the originals reached 151.75 / 152.9 and 101.1 / 101.4.
  it.each([
    ["mlp", 153.3, 154.4],
    ["cnn", Number.POSITIVE_INFINITY, 102.4],
  ] as const)(
    "%s was trained with their settings, and reaches their losses",
    async (name, training, validation) => {
      const folder = folders.find((path) => path.startsWith(`models/${name}/`))!;
      const { card } = await readReleaseFolder(folder);
      expect(card.spec).toEqual(presets[name]);
      expect(card.training).toMatchObject({ epochs: 20, batchSize: 128, learningRate: 1e-3 });
      expect(card.training.limit).toBeUndefined();
      expect(card.history).toHaveLength(20);
      expect(card.history.at(-1)!.training.total).toBeLessThanOrEqual(training);
      expect(card.history.at(-1)!.validation.total).toBeLessThanOrEqual(validation);
    },
  );
});

describe("every bundled release", () => {
  it.each(folders)("%s is small: a decoder of at most 400 KB in 1 MB", async (folder) => {
    const { card } = await readReleaseFolder(folder);
    const { model, weights } = NETWORK_FILES.decoder;
    const bytes = (names: readonly string[]) => names.reduce((sum, name) => sum + card.files[name]!.bytes, 0);
    expect(bytes([model, weights])).toBeLessThanOrEqual(400_000);
    expect(bytes(Object.keys(card.files))).toBeLessThanOrEqual(1_000_000);
  });

  it("includes the default model", async () => {
    const name = (await readFile("models/default.txt", "utf8")).trim();
    expect(folders.some((folder) => folder.startsWith(`models/${name}/`))).toBe(true);
  });
});
