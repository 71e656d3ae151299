// Data sets of the bundled models: as planned, in batches or one by one.

import { beforeAll, describe, expect, it } from "vitest";
import { readReleases } from "../../../scripts/bench/harness.ts";
import { drawImages, SIDE } from "../../../shared/dataset/draw.ts";
import { DEFAULT_SET, planSet } from "../../../shared/dataset/plan.ts";
import { SamplerError } from "../../../shared/errors.ts";
import { fromMemory, type OpenRelease, openRelease } from "../../../shared/release/open.ts";
import { loadDecodeKernels } from "../../../trainer/backend/decode-kernels.ts";
import { makeRelease } from "../../fixture.ts";

const releases = new Map<string, OpenRelease>();

beforeAll(async () => {
  for (const { card, files } of await readReleases()) {
    releases.set(card.name, await openRelease(card, fromMemory(files), loadDecodeKernels()));
  }
});

const set = { ...DEFAULT_SET, seed: "7", temperature: 0.8 };

describe("the images of a data set", () => {
  it("are those that each model draws from their seeds alone", () => {
    expect(releases.size).toBeGreaterThan(0);
    for (const [name, release] of releases) {
      const images = planSet(set)("train", 5, 30);
      const drawn = drawImages(release, images);
      images.forEach(({ seed, digit, temperature }, i) => {
        const { latent } = release.latent.draw(seed, { digit, temperature });
        const { pixels } = release.decoder.image(latent);
        expect(drawn.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2), `${name} ${i}`).toEqual(pixels);
      });
    }
  });

  it("lean and thicken as planned", () => {
    for (const [name, release] of releases) {
      const meanInk = (weight: number) => {
        const images = planSet({ ...set, slant: [-20, 20], weight: [weight, weight] })("train", 0, 60);
        return drawImages(release, images).reduce((sum, level) => sum + level, 0) / 60;
      };
      expect(meanInk(1.5) / meanInk(0.8), name).toBeCloseTo(1.5 / 0.8, 1);
    }
  });

  it("are refused by a model without classes", async () => {
    const { card, files } = await makeRelease("plain", "weights");
    const release = await openRelease(card, fromMemory(files), loadDecodeKernels());
    expect(() => drawImages(release, planSet(set)("train", 0, 1))).toThrow(SamplerError);
  });
});
