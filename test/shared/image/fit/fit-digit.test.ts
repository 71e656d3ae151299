// Pictures of digits fitted to MNIST's conventions, whatever they are drawn with and on.

import { describe, expect, it } from "vitest";
import { EdgeDigitsError, EmptyImageError, UnclearImageError } from "../../../../shared/errors.ts";
import { fitDigit } from "../../../../shared/image/fit/fit-digit.ts";
import type { GreyImage, RgbaImage } from "../../../../shared/image/raster.ts";
import { BLACK, CLEAR, draw, PLAIN, type Sketch, WHITE } from "../sketch.ts";

const solid = (width: number, height: number, [r, g, b, a]: readonly number[]): RgbaImage => ({
  width,
  height,
  pixels: Uint8Array.from({ length: 4 * width * height }, (_, i) => [r, g, b, a][i % 4]!),
});
const inkOf = ({ pixels }: GreyImage) => pixels.reduce((sum, level) => sum + level, 0);
/** Share of the ink that two fitted digits do not have in common, but for a step of one pixel. */
function difference(a: GreyImage, b: GreyImage): number {
  const steps = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy] as const));
  const sums = steps.map(([dx, dy]) =>
    a.pixels.reduce((sum, level, i) => {
      const [x, y] = [(i % 28) + dx, Math.floor(i / 28) + dy];
      const other = x < 0 || y < 0 || x > 27 || y > 27 ? 0 : b.pixels[y * 28 + x]!;
      return sum + Math.abs(level - other);
    }, 0),
  );
  return Math.min(...sums) / (inkOf(a) + inkOf(b));
}

describe.each([1, 3, 4, 5, 7])("a %i", (digit) => {
  const plain = fitDigit(draw(digit, PLAIN));

  it("in black on white fills 20 pixels, centred by mass", () => {
    expect(plain.isInverted).toBe(true);
    const at = [...plain.image.pixels].flatMap((level, i) => (level > 0 ? [i] : []));
    const spans = [at.map((i) => i % 28), at.map((i) => Math.floor(i / 28))].map(
      (places) => Math.max(...places) - Math.min(...places) + 1,
    );
    expect(Math.max(...spans)).toBe(20);
    expect(Math.max(...plain.image.pixels)).toBe(255);
    // As near to the centre as whole pixels allow, and as the picture's edge does: a seven's mass lies high.
    for (const place of [(i: number) => i % 28, (i: number) => Math.floor(i / 28)]) {
      const moment = plain.image.pixels.reduce((sum, level, i) => sum + level * place(i), 0);
      const isAtEdge = at.some((i) => place(i) === 0 || place(i) === 27);
      if (!isAtEdge) expect(Math.abs(moment / inkOf(plain.image) - 14)).toBeLessThanOrEqual(0.51);
    }
  });

  it.each<[string, Partial<Sketch>, number]>([
    ["in white on black", { ink: WHITE, ground: BLACK }, 0.001],
    ["in black on nothing", { ground: CLEAR }, 0.001],
    ["in white on nothing", { ink: WHITE, ground: CLEAR }, 0.001],
    ["in dark blue on yellow", { ink: [20, 30, 120, 255], ground: [250, 230, 120, 255] }, 0.01],
    ["in yellow on white", { ink: [255, 220, 0, 255] }, 0.05],
    ["in light grey on white", { ink: [200, 200, 200, 255] }, 0.01],
    ["in a corner", { width: 400, height: 300, left: 10, top: 12 }, 0.05],
    ["larger than its picture needs", { width: 140, height: 150 }, 0.12],
    ["twice as large", { width: 320, height: 400, size: 260, pen: 28 }, 0.1],
    ["a third as large", { width: 54, height: 66, size: 43.3, pen: 4.7 }, 0.2],
    ["as large as in the end", { width: 28, height: 28, size: 18, pen: 2 }, 0.4],
    ["by a hairline", { pen: 1.2 }, 0.45],
    [
      "on noisy paper in uneven light, with specks",
      { ink: [50, 50, 70, 255], ground: [170, 165, 160, 255], noise: 6, shade: 0.35, specks: 4 },
      0.35,
    ],
    [
      "by chalk on a noisy board",
      { ink: [230, 235, 230, 255], ground: [40, 80, 60, 255], noise: 8, shade: 0.3 },
      0.35,
    ],
    ["in red on green as light", { ink: [200, 60, 60, 255], ground: [60, 142, 60, 255] }, 0.01],
    [
      "in blue on noisy grey as light",
      { ink: [60, 90, 220, 255], ground: [96, 96, 96, 255], noise: 6 },
      0.35,
    ],
    ["in a hard shadow", { shadow: 0.4 }, 0.1],
    ["in a hard shadow on noisy paper", { shadow: 0.4, noise: 3, ground: [230, 230, 230, 255] }, 0.35],
    [
      "in chalk in a hard shadow",
      { ink: [230, 235, 230, 255], ground: [60, 80, 60, 255], shadow: 0.4, noise: 2 },
      0.35,
    ],
    ["cut to its ink", { width: 110, height: 130 }, 0.35],
    ["on paper on a dark table", { box: [-3, 18], width: 180, height: 220 }, 0.05],
    ["in a thin box", { box: [12, 2] }, 0.01],
    ["in a thick box", { box: [2, 8] }, 0.01],
    ["in a thin frame at the edge", { box: [0, 1] }, 0.01],
    ["in a thick frame at the edge", { box: [0, 9] }, 0.05],
    ["in a box on noisy paper", { box: [6, 3], noise: 6 }, 0.35],
    ["in a box in a hard shadow", { box: [6, 3], shadow: 0.4 }, 0.1],
  ])("%s is nearly the same", (_, change, most) => {
    const { image } = fitDigit(draw(digit, { ...PLAIN, ...change }));
    expect(difference(image, plain.image)).toBeLessThan(most);
  });
});

describe("the reported fit", () => {
  it("has the position of the ink and its scale", () => {
    const picture = solid(100, 60, WHITE);
    for (let y = 10; y < 50; y++) for (let x = 70; x < 80; x++) picture.pixels.set(BLACK, 4 * (y * 100 + x));
    const fitted = fitDigit(picture);
    expect(fitted.boundingBox).toEqual({ x: 70, y: 10, width: 10, height: 40 });
    expect([fitted.scale, fitted.isInverted, fitted.isThickened]).toEqual([0.5, true, false]);
    const rows = Array.from({ length: 28 }, (_, y) => [
      ...fitted.image.pixels.subarray(y * 28, (y + 1) * 28),
    ]);
    const bar = rows.map((row) => row.map((level, x) => (level > 0 ? x : -1)).filter((x) => x >= 0));
    expect(bar.flatMap((places, y) => (places.length > 0 ? [y] : []))).toEqual(
      Array.from({ length: 20 }, (_, i) => 5 + i),
    );
    expect(bar[10]).toEqual([12, 13, 14, 15, 16]);
  });

  it("says that hairlines were thickened", () => {
    expect(fitDigit(draw(7, { ...PLAIN, pen: 1.2 })).isThickened).toBe(true);
  });
});

it.each([
  [16, 39],
  [16, 40],
  [20, 50],
  [32, 90],
])("a bar of %i by %i pixels is a one, not paper", (width, height) => {
  const bar = solid(120, 120, WHITE);
  const row = solid(width, 1, BLACK).pixels;
  for (let y = 10; y < 10 + height; y++) bar.pixels.set(row, 4 * (y * 120 + 50));
  expect(inkOf(fitDigit(bar).image)).toBeGreaterThan(10_000);
});

describe("a picture without ink is refused", () => {
  const noise = (deviation: number) =>
    draw(1, { ...PLAIN, ink: [128, 128, 128, 255], ground: [128, 128, 128, 255], noise: deviation });
  it.each<[string, () => RgbaImage]>([
    ["white", () => solid(50, 50, WHITE)],
    ["black", () => solid(50, 50, BLACK)],
    ["nothing at all", () => solid(50, 50, CLEAR)],
    ["one pixel", () => solid(1, 1, BLACK)],
    ["ink that differs too little", () => draw(3, { ...PLAIN, ink: [235, 235, 235, 255] })],
    ["noise", () => noise(3)],
    ["much noise", () => noise(20)],
    ["shading alone", () => draw(1, { ...PLAIN, ink: WHITE, shade: 0.5 })],
  ])("%s", (_, make) => {
    expect(() => fitDigit(make())).toThrow(EmptyImageError);
  });
});

describe("a picture whose ink cannot be distinguished from its surroundings is refused", () => {
  it.each<[string, Partial<Sketch>, RegExp]>([
    ["a box that the digit touches", { box: [25, 3], size: 150 }, /touches the box/],
    [
      "a box that the digit touches, on noisy paper",
      { box: [25, 3], size: 150, noise: 3 },
      /touches the box/,
    ],
    ["an empty box", { box: [20, 3], size: 0, pen: 0 }, /no digit in it/],
  ])("%s", (_, change, message) => {
    const fit = () => fitDigit(draw(7, { ...PLAIN, ...change }));
    expect(fit).toThrow(UnclearImageError);
    expect(fit).toThrow(message);
  });

  it.each<[string, Partial<Sketch>]>([
    ["a hard shadow alone", { shadow: 0.4 }],
    ["a hard shadow on noisy paper alone", { shadow: 0.4, noise: 4 }],
    ["noise on white, half of it cut off", { noise: 25 }],
    ["a frame around nothing", { box: [0, 12], ink: BLACK }],
  ])("%s", (_, change) => {
    const sketch = { ...PLAIN, pen: 0, size: 1, left: -90, top: -90, ...change };
    expect(() => fitDigit(draw(1, sketch))).toThrow(EdgeDigitsError);
  });
});

it("reports where the ink is in the picture when a frame was removed", () => {
  const { boundingBox } = fitDigit(draw(4, { ...PLAIN, box: [0, 12] }));
  const plain = fitDigit(draw(4, PLAIN)).boundingBox;
  for (const side of ["x", "y", "width", "height"] as const) {
    expect(Math.abs(boundingBox[side] - plain[side])).toBeLessThanOrEqual(1);
  }
});
