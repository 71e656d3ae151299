import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../../shared/errors.ts";
import { scaleImage } from "../../../shared/image/scale.ts";
import { gridSheet, rasterizeSheet, type Sheet, tileImages } from "../../../shared/image/sheet.ts";
import { encodeSheetSvg, encodeSvg } from "../../../shared/image/svg.ts";
import { constantImage, drawRing } from "./drawing.ts";

const rings = [4, 6, 8, 10, 11].map((radius) => drawRing(28, radius));
/** Path data of the ink; the ground's begins with M0 0h. */
const pathsOf = (svg: string) => [...svg.matchAll(/ d="(M[^h"]*z)"/g)].map(([, data]) => data);

describe("a grid", () => {
  it.each([28, 31, 64])("of digits of %i pixels shows each as it is alone", (size) => {
    const scaled = rings.map((ring) => scaleImage(ring, size));
    expect(rasterizeSheet(gridSheet(rings, 2), size)).toEqual(tileImages(scaled, 2));
  });

  it("needs square images of one side", () => {
    expect(() => gridSheet([], 2)).toThrow(ArgumentError);
    expect(() => gridSheet([drawRing(28), drawRing(20)], 2)).toThrow(ArgumentError);
    expect(() => gridSheet([constantImage(28, 20, 0)], 2)).toThrow(ArgumentError);
  });

  it("as SVG has the outlines of each single digit, moved to its position", () => {
    const svg = encodeSheetSvg(gridSheet(rings, 2), 100);
    expect(svg).toMatch(/viewBox="0 0 56 84" width="200" height="300"/);
    expect(pathsOf(svg)).toEqual(rings.flatMap((ring) => pathsOf(encodeSvg(ring, 28))));
    const places = [...svg.matchAll(/translate\((\d+) (\d+)\)/g)].map(([, x, y]) => [
      Number(x) / 20,
      Number(y) / 20,
    ]);
    expect(places).toEqual([
      [0, 0],
      [28, 0],
      [0, 28],
      [28, 28],
      [0, 56],
    ]);
  });

  it("as SVG omits blank digits and a transparent ground", () => {
    const sheet = gridSheet([drawRing(), constantImage(28, 28, 0)], 2);
    const svg = encodeSheetSvg(sheet, 28, { foreground: [255, 0, 0], background: "transparent" });
    expect(svg.match(/<path/g)).toHaveLength(1);
    expect(svg).toContain('fill="#ff0000"');
  });
});

describe("digits that overlap", () => {
  const [image, other] = [drawRing(28, 8), drawRing(28, 5)];
  const sheet: Sheet = {
    width: 30,
    height: 28,
    side: 28,
    digits: [
      { image, left: -4, top: 0 },
      { image: other, left: 6, top: 0 },
    ],
  };

  it("show the more ink of both, cut at the sheet's borders", () => {
    const { width, height, pixels } = rasterizeSheet(sheet, 28);
    expect([width, height]).toEqual([30, 28]);
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 30; x++) {
        const level = (at: number, { pixels }: typeof image) =>
          at >= 0 && at < 28 ? pixels[y * 28 + at]! : 0;
        expect(pixels[y * 30 + x]).toBe(Math.max(level(x + 4, image), level(x - 6, other)));
      }
    }
  });

  it("keep their positions in a larger picture, to the nearest pixel", () => {
    const { width, height, pixels } = rasterizeSheet(sheet, 100);
    expect([width, height]).toEqual([Math.round((30 * 100) / 28), 100]);
    const alone = scaleImage(other, 100);
    // 6 / 28 of 100 pixels are 21.4; right of the first ring there is the second alone.
    for (let x = 90; x < 107; x++) expect(pixels[50 * width + x]).toBe(alone.pixels[50 * 100 + x - 21]);
  });
});
