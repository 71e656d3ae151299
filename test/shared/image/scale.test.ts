import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toJson, writeJson } from "../../../shared/image/json.ts";
import type { GreyImage } from "../../../shared/image/raster.ts";
import { MAX_SIZE, scaleImage } from "../../../shared/image/scale.ts";
import { sha256 } from "../../../shared/release/release.ts";
import { constantImage, drawRing } from "./drawing.ts";

const square = fc
  .uint8Array({ minLength: 784, maxLength: 784 })
  .map((pixels) => ({ width: 28, height: 28, pixels }));
const size = fc.oneof(fc.integer({ min: 28, max: 120 }), fc.constantFrom(200, MAX_SIZE - 1, MAX_SIZE));

function mirrored({ width, height, pixels }: GreyImage): GreyImage {
  const rows = Array.from({ length: height }, (_, y) =>
    [...pixels.subarray(y * width, (y + 1) * width)].reverse(),
  );
  return { width, height, pixels: Uint8Array.from(rows.flat()) };
}

function transposed({ width, height, pixels }: GreyImage): GreyImage {
  const result = pixels.map((_, i) => pixels[(i % height) * width + Math.floor(i / height)]!);
  return { width: height, height: width, pixels: result };
}

/** Pixels as text: toEqual takes a second for a million. */
function expectSame(one: GreyImage, other: GreyImage): void {
  expect([one.width, one.height]).toEqual([other.width, other.height]);
  expect(String(one.pixels) === String(other.pixels)).toBe(true);
}

describe("scaling", () => {
  it("to the image's own size changes nothing", () => {
    fc.assert(
      fc.property(square, (image) => {
        expect(scaleImage(image, 28)).toEqual(image);
      }),
    );
  });

  it("keeps a constant constant", () => {
    fc.assert(
      fc.property(fc.nat(255), size, (level, side) => {
        expectSame(scaleImage(constantImage(28, 28, level), side), constantImage(side, side, level));
      }),
      { numRuns: 30 },
    );
  });

  it("passes through the given pixels where centres meet", () => {
    const image = drawRing();
    const { pixels } = scaleImage(image, 84);
    const kept = image.pixels.map((_, i) => pixels[(3 * Math.floor(i / 28) + 1) * 84 + 3 * (i % 28) + 1]!);
    expect(kept).toEqual(image.pixels);
  });

  it("of a mirror image is the mirror image", () => {
    fc.assert(
      fc.property(square, size, (image, side) => {
        expectSame(scaleImage(mirrored(image), side), mirrored(scaleImage(image, side)));
      }),
      { numRuns: 30 },
    );
  });

  it("treats rows and columns alike, except for the rounding between the two passes", () => {
    const image = drawRing(28, 6);
    const one = scaleImage(transposed(image), 200).pixels;
    const other = transposed(scaleImage(image, 200)).pixels;
    expect(Math.max(...one.map((level, i) => Math.abs(level - other[i]!)))).toBeLessThanOrEqual(1);
  });

  it("is Catmull-Rom interpolation, within a level", () => {
    const row = [10, 200, 90, 30];
    const image = { width: 4, height: 4, pixels: Uint8Array.from([...row, ...row, ...row, ...row]) };
    const { pixels } = scaleImage(image, 8);
    // A quarter pixel right of 200: weights -0.0703, 0.8672, 0.2266, -0.0234.
    const expected = (-9 * 10 + 111 * 200 + 29 * 90 - 3 * 30) / 128;
    expect(Math.abs(pixels[3]! - expected)).toBeLessThanOrEqual(0.51);
  });

  it("gives the frozen pixels", async () => {
    const digests = await Promise.all(
      [29, 56, 100, 512].map(async (side) =>
        (await sha256(scaleImage(drawRing(), side).pixels)).slice(0, 16),
      ),
    );
    expect(digests).toMatchInlineSnapshot(`
      [
        "d46bbd3daa7e631e",
        "ca29519a0462b8fa",
        "3e7509a2767d55ed",
        "9a92eaf9e837288f",
      ]
    `);
  });

  it("refuses images that are not square, and sizes that are smaller, above 512 or not whole", () => {
    expect(() => scaleImage(constantImage(28, 56, 0), 60)).toThrow(/found 28 x 56/);
    for (const side of [0, 27, 513, 28.5, Number.NaN]) {
      expect(() => scaleImage(drawRing(), side)).toThrow(`from 28 to 512, found ${side}`);
    }
  });
});

describe("JSON", () => {
  it("is what JSON.stringify writes of the pixels row by row, whatever the texts beside them hold", () => {
    const image = { width: 3, height: 2, pixels: Uint8Array.of(0, 1, 10, 99, 100, 255) };
    const rows = [
      [0, 1, 10],
      [99, 100, 255],
    ];
    const facts = { seed: '"pixels":""', pixels: "none", nested: { 'pixels":': ["", 0.5, null, undefined] } };
    const plain = { width: 3, height: 2, pixels: rows };
    expect(writeJson({ ...facts, cells: [toJson(image), toJson(image)], ...toJson(image) })).toBe(
      JSON.stringify({ ...facts, cells: [plain, plain], ...plain }),
    );
  });
});
