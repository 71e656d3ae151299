import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../../shared/errors.ts";
import { findInk, setNumber } from "../../../shared/image/number.ts";
import { encodePng } from "../../../shared/image/png.ts";
import type { GreyImage } from "../../../shared/image/raster.ts";
import { rasterizeSheet } from "../../../shared/image/sheet.ts";
import { encodeSheetSvg } from "../../../shared/image/svg.ts";
import { hashOf } from "../../vectors/frozen.ts";
import { constantImage, drawRing } from "./drawing.ts";

/** Ink where `isInk` says so, in rows 4 to 23 as in MNIST. */
function drawShape(isInk: (x: number, y: number) => boolean): GreyImage {
  const pixels = Uint8Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    return y >= 4 && y < 24 && isInk(x, y) ? 255 : 0;
  });
  return { width: 28, height: 28, pixels };
}

const one = drawShape((x) => x === 13 || x === 14);
const slash = drawShape((x, y) => x === 18 - Math.floor((y - 4) / 2));
const seven = drawShape((x, y) => (y < 6 && x >= 6 && x < 20) || x === 19 - Math.floor((y - 4) / 2));
const ring = drawRing(28, 8);
const lefts = (images: readonly GreyImage[], spacing = 0) =>
  setNumber(images, "ink", spacing).digits.map(({ left }) => left);

describe("a number set by its ink", () => {
  it("leaves as much ground left and right as above and below", () => {
    const ink = findInk(rasterizeSheet(setNumber([one, ring, one], "ink", 0), 28))!;
    const { width } = setNumber([one, ring, one], "ink", 0);
    expect([ink.left, ink.top]).toEqual([4, 4]);
    expect(width - ink.left - ink.width).toBe(4);
  });

  it("separates upright strokes by 6 pixels, and slanted ones too", () => {
    expect(lefts([one, one])[1]! - lefts([one, one])[0]!).toBe(2 + 6);
    expect(lefts([slash, slash])[1]! - lefts([slash, slash])[0]!).toBe(1 + 6);
  });

  it("places round digits closer at their nearest points than strokes, since they curve away above and below", () => {
    const [first, second] = lefts([ring, ring]) as [number, number];
    const { left, width } = findInk(ring)!;
    const gap = second + left - (first + left + width);
    expect(gap).toBeLessThan(6);
    expect(gap).toBeGreaterThanOrEqual(2);
  });

  it("lets no digits touch or change order, whatever their neighbours", () => {
    const shapes = [one, slash, seven, ring];
    for (const before of shapes) {
      for (const after of shapes) {
        const [first, second] = lefts([before, after]) as [number, number];
        const at = (image: GreyImage, left: number, x: number, y: number) =>
          x - left >= 0 && x - left < 28 && (image.pixels[y * 28 + x - left] ?? 0) >= 64;
        for (let y = 0; y < 28; y++) {
          for (let x = -10; x < 80; x++) {
            if (!at(before, first, x, y)) continue;
            for (const [dx, dy] of [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy] as const))) {
              expect(at(after, second, x + dx, y + dy)).toBe(false);
            }
          }
        }
      }
    }
  });

  it("keeps the digits of a longer number where they are", () => {
    const digits = [one, ring, seven, slash, ring, one];
    expect(lefts(digits).slice(0, 4)).toEqual(lefts(digits.slice(0, 4)));
  });

  it("moves neighbours apart and together by spacing", () => {
    const distances = (spacing: number) => {
      const [first, second, third] = lefts([one, ring, seven], spacing) as [number, number, number];
      return [second - first, third - second];
    };
    for (const spacing of [-6, 1, 28]) {
      expect(distances(spacing)).toEqual(distances(0).map((distance) => distance + spacing));
    }
  });

  it("gives a blank digit the width of another", () => {
    const blank = constantImage(28, 28, 0);
    expect(setNumber([blank], "ink", 0).width).toBe(28);
    expect(setNumber([one, blank, one], "ink", 0).width).toBeGreaterThan(28);
    expect(lefts([blank, blank])[1]).toBeGreaterThan(15);
  });

  it("has the frozen pixels, bytes and outlines in every engine", () => {
    const sheet = setNumber([seven, ring, one, slash, ring], "ink", 0);
    const [small, large] = [rasterizeSheet(sheet, 28), rasterizeSheet(sheet, 75)];
    expect([small.width, large.width]).toMatchInlineSnapshot(`
      [
        83,
        222,
      ]
    `);
    expect([small, large].map(({ pixels }) => hashOf(pixels))).toMatchInlineSnapshot(`
      [
        "9f875914686c5244c404ceaae6e262f0",
        "9d4d569f53340a6adafef1b454af8db3",
      ]
    `);
    const files = [encodePng(large), new TextEncoder().encode(encodeSheetSvg(sheet, 75))];
    expect(files.map(hashOf)).toMatchInlineSnapshot(`
      [
        "9f0db205a22f5671364cd2f7ab7aed10",
        "752ebd8a712d2d9cfae9c57ac979ad06",
      ]
    `);
  });
});

describe("a number in squares", () => {
  it("is a row of them", () => {
    const sheet = setNumber([one, ring, seven], "squares", 0);
    expect([sheet.width, sheet.height]).toEqual([84, 28]);
    expect(sheet.digits.map(({ left }) => left)).toEqual([0, 28, 56]);
    expect(setNumber([one, ring, seven], "squares", 2).digits.map(({ left }) => left)).toEqual([0, 30, 60]);
  });
});

it("a number has digits, and whole spacing", () => {
  expect(() => setNumber([], "ink", 0)).toThrow(ArgumentError);
  expect(() => setNumber([one], "ink", 0.5)).toThrow(ArgumentError);
});

it("ink is found to the pixel, and not where there is none", () => {
  expect(findInk(one)).toEqual({ left: 13, top: 4, width: 2, height: 20 });
  expect(findInk(constantImage(28, 28, 63))).toBeUndefined();
});
