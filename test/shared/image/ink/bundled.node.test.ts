// Promises about the bundled models' digits in ink, over 40 seeds each.

import { beforeAll, describe, expect, it } from "vitest";
import { readReleases } from "../../../../scripts/bench/harness.ts";
import { PLAIN_HAND } from "../../../../shared/image/ink/hand.ts";
import { traceField } from "../../../../shared/image/ink/outline.ts";
import type { Digit } from "../../../../shared/image/raster.ts";
import { scaleImage } from "../../../../shared/image/scale.ts";
import { encodeSvg } from "../../../../shared/image/svg.ts";
import { fromMemory, type OpenRelease, openRelease } from "../../../../shared/release/open.ts";
import { loadDecodeKernels } from "../../../../trainer/backend/decode-kernels.ts";
import { fillPath } from "../outline.ts";
import { greyShare } from "./fields.ts";

const SEEDS = 40;
const releases: (OpenRelease & { readonly name: string; readonly digits: readonly Digit[] })[] = [];

beforeAll(async () => {
  for (const { card, files } of await readReleases()) {
    const release = await openRelease(card, fromMemory(files), loadDecodeKernels());
    const draws = release.latent.drawAll(Array.from({ length: SEEDS }, (_, i) => ({ seed: String(i) })));
    const digits = release.decoder.images(draws.map(({ latent }) => latent));
    releases.push({ ...release, name: card.name, digits });
  }
});

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("the digits of every bundled model", () => {
  it("have at most 0.25 grey pixels per pixel of full ink at 280 pixels, where enlarged ones have above 1.5", () => {
    for (const { name, digits, ink } of releases) {
      expect(mean(digits.map((digit) => greyShare(ink.draw(digit, 280, PLAIN_HAND)))), name).toBeLessThan(
        0.25,
      );
      expect(mean(digits.map((digit) => greyShare(scaleImage(digit, 280)))), name).toBeGreaterThan(1.5);
    }
  });

  it("have as much ink as in their own pixels", () => {
    const total = (levels: Uint8Array) => levels.reduce((sum, level) => sum + level, 0);
    for (const { name, digits, ink } of releases) {
      const ratios = digits.map(
        (digit) => total(ink.draw(digit, 280, PLAIN_HAND).pixels) / 100 / total(digit.pixels),
      );
      for (const ratio of ratios) expect(Math.abs(ratio - 1), name).toBeLessThan(0.08);
    }
  });

  it("take at most 2 KB as SVG, which differs from PNG by less than 3 of 255 levels on average at 512 pixels", () => {
    for (const { name, digits, ink } of releases) {
      for (const [i, digit] of digits.entries()) {
        const trace = (each: Digit) => traceField(ink.field(each, PLAIN_HAND), each.width, 0);
        const svg = encodeSvg(digit, 512, undefined, { trace, units: 50 });
        expect(svg.length, name).toBeLessThan(2048);
        if (i % 5 > 0) continue;
        const filled = fillPath(svg, 28, 512);
        const { pixels } = ink.draw(digit, 512, PLAIN_HAND);
        const difference = pixels.reduce((sum, level, at) => sum + Math.abs(level - 255 * filled[at]!), 0);
        expect(difference / pixels.length, `${name} ${i}`).toBeLessThan(3);
      }
    }
  });
});
