// Digits drawn from logits: the kernel and the reference agree to the bit, and what is drawn looks as it should.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import kernels from "../../../../build/decode-kernels.wasm";
import { pixelsFromLogits } from "../../../../shared/decoder/reference.ts";
import { type Hand, PLAIN_HAND, shearOf } from "../../../../shared/image/ink/hand.ts";
import { digitFromImage, openInk } from "../../../../shared/image/ink/ink.ts";
import type { GreyImage } from "../../../../shared/image/raster.ts";
import { constantImage, drawRing } from "../drawing.ts";
import { drawField, drawNoise, greyShare, inkReference } from "./fields.ts";

const { draw } = openInk(kernels);
const total = ({ pixels }: GreyImage) => pixels.reduce((sum, level) => sum + level, 0);

describe("the kernel draws what the reference defines", () => {
  const digit = fc.tuple(
    fc.integer({ min: 5, max: 29 }),
    fc.string({ minLength: 1 }),
    fc.constantFrom(0.1, 2, 8, 300),
  );
  const hand: fc.Arbitrary<Hand> = fc.record({
    slant: fc.oneof(fc.constant(0), fc.integer({ min: -30, max: 30 })),
    weight: fc.constantFrom(1, 0.7, 0.95, 1.6),
  });

  it("of noise and of strokes, at any size and in any hand, within and beyond the square", () => {
    const columns = fc.option(
      fc.record({ left: fc.integer({ min: -30, max: 20 }), width: fc.integer({ min: 1, max: 90 }) }),
      {
        nil: undefined,
      },
    );
    fc.assert(
      fc.property(
        digit,
        fc.integer({ min: 0, max: 60 }),
        hand,
        columns,
        fc.boolean(),
        ([side, seed, scale], more, hand, columns, isNoise) => {
          const drawn = isNoise ? drawNoise(side, seed, scale) : drawField(side, { steepness: scale });
          const expected = inkReference(drawn, side + more, hand, columns);
          const found = draw(drawn, side + more, hand, columns);
          expect([found.width, found.height]).toEqual([expected.width, expected.height]);
          expect(String(found.pixels) === String(expected.pixels)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("at the largest size", () => {
    const ring = drawField(28);
    const expected = inkReference(ring, 512, { slant: 12, weight: 1.2 }, { left: 200, width: 40 });
    expect(String(draw(ring, 512, { slant: 12, weight: 1.2 }, { left: 200, width: 40 }).pixels)).toBe(
      String(expected.pixels),
    );
  });
});

describe("a digit of logits", () => {
  it.each([
    ["sigmoid", 3],
    ["sigmoid", 12],
    ["hardSigmoid", 3],
    ["hardSigmoid", 30],
  ] as const)(
    "has edges a pixel wide, and as much ink as its pixels, with a %s of steepness %d",
    (activation, steepness) => {
      const digit = drawField(28, { activation, steepness });
      for (const size of [56, 280, 512]) {
        const picture = draw(digit, size, PLAIN_HAND);
        expect(greyShare(picture) * size).toBeLessThan(80);
        expect(total(picture) / (size / 28) ** 2 / total(digit)).toBeCloseTo(1, 1);
      }
    },
  );

  it("that is faint everywhere keeps its shape", () => {
    const logits = drawField(28, { steepness: 2 }).logits.map((logit) => logit - 3);
    const pixels = pixelsFromLogits(logits, "sigmoid");
    expect(Math.max(...pixels)).toBeLessThan(120);
    const picture = draw({ width: 28, height: 28, logits, pixels }, 112, PLAIN_HAND);
    // The ring is closed: each ray from the middle meets ink.
    for (let turn = 0; turn < 32; turn++) {
      const angle = (2 * Math.PI * turn) / 32;
      const levels = Array.from({ length: 56 }, (_, r) => {
        const [x, y] = [Math.floor(56 + r * Math.cos(angle)), Math.floor(56 + r * Math.sin(angle))];
        return picture.pixels[y * 112 + x]!;
      });
      expect(Math.max(...levels)).toBeGreaterThan(200);
    }
  });

  it("without ink, or full of it, stays so", () => {
    const blank = digitFromImage(constantImage(28, 28, 0));
    const full = digitFromImage(constantImage(28, 28, 255));
    expect(Math.max(...draw(blank, 100, { slant: 10, weight: 1.6 }).pixels)).toBe(0);
    const { pixels } = draw(full, 280, PLAIN_HAND);
    expect(pixels.filter((level) => level === 255).length / pixels.length).toBeGreaterThan(0.9);
  });

  it("that is symmetric is drawn so, within a level", () => {
    const { pixels } = draw(drawField(28), 100, PLAIN_HAND);
    const mirrored = pixels.map((_, i) => pixels[i - (i % 100) + 99 - (i % 100)]!);
    const turned = pixels.map((_, i) => pixels[(i % 100) * 100 + Math.floor(i / 100)]!);
    for (const other of [mirrored, turned]) {
      expect(Math.max(...pixels.map((level, i) => Math.abs(level - other[i]!)))).toBeLessThanOrEqual(1);
    }
  });

  it("of a picture that was sent looks like the picture", () => {
    const ring = drawRing();
    const { pixels } = draw(digitFromImage(ring), 28, PLAIN_HAND);
    const difference =
      pixels.reduce((sum, level, i) => sum + Math.abs(level - ring.pixels[i]!), 0) / pixels.length;
    expect(difference).toBeLessThan(8);
  });
});

describe("a hand", () => {
  const ring = drawField(28);

  it("has as much more ink as its weight says", () => {
    const inks = [0.7, 1, 1.6].map((weight) => total(draw(ring, 280, { slant: 0, weight })));
    expect(inks[0]! / inks[1]!).toBeCloseTo(0.7, 1);
    expect(inks[2]! / inks[1]!).toBeCloseTo(1.6, 1);
  });

  it("leans to the right by its slant, about the middle, and keeps its ink", () => {
    const upright = draw(ring, 140, PLAIN_HAND);
    for (const slant of [-30, 15]) {
      const columns = { left: -50, width: 240 };
      const picture = draw(ring, 140, { slant, weight: 1 }, columns);
      expect(total(picture) / total(upright)).toBeCloseTo(1, 2);
      const middleOf = (rows: [number, number]) => {
        let [sum, moment] = [0, 0];
        for (let y = rows[0]; y < rows[1]; y++) {
          for (let x = 0; x < columns.width; x++) {
            sum += picture.pixels[y * columns.width + x]!;
            moment += picture.pixels[y * columns.width + x]! * x;
          }
        }
        return moment / sum;
      };
      // The ring's upper and lower arcs are about 2 x 35 pixels apart.
      const lean = (middleOf([30, 40]) - middleOf([100, 110])) / 70;
      expect(lean).toBeCloseTo(Math.tan((slant * Math.PI) / 180), 1);
      expect(middleOf([0, 140])).toBeCloseTo(50 + 69.5, 0);
    }
  });

  it("has the tangent of its slant in every engine", () => {
    expect([-30, -1, 0, 17, 30].map((slant) => shearOf({ slant, weight: 1 }))).toMatchInlineSnapshot(`
      [
        -0.5773502691896257,
        -0.017455064928217585,
        0,
        0.3057306814586604,
        0.5773502691896257,
      ]
    `);
  });

  it("is refused at a size below the digit's own, above 512, or not whole", () => {
    for (const size of [27, 513, 28.5, Number.NaN]) {
      expect(() => draw(ring, size, PLAIN_HAND)).toThrow(`from 28 to 512, found ${size}`);
    }
    expect(() => draw({ ...ring, height: 27 }, 28, PLAIN_HAND)).toThrow(/found 28 x 27/);
  });
});
