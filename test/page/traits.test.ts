// How directions get their names.

import { describe, expect, it } from "vitest";
import type { Directions } from "../../page/directions.ts";
import { measure, nameDirections } from "../../page/traits.ts";
import type { Digit } from "../../shared/image/raster.ts";

const SIDE = 28;

/** A leaning block: its centre line moves by `slant` columns a row up. */
function block({ slant = 0, width = 6, level = 200 }): Digit {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let y = 4; y < 24; y++) {
    const middle = 14 + slant * (13.5 - y);
    for (let x = 0; x < SIDE; x++) {
      const covered = width / 2 + 0.5 - Math.abs(x - middle);
      pixels[y * SIDE + x] = level * Math.min(1, Math.max(0, covered));
    }
  }
  return { width: SIDE, height: SIDE, pixels, logits: new Float32Array(SIDE * SIDE) };
}

describe("what one sees of a digit", () => {
  it("is measured: lean in columns a row, whatever the width; width, whatever the lean", () => {
    expect(measure(block({ slant: 0.5 })).slant).toBeCloseTo(0.5, 1);
    expect(measure(block({ slant: -0.5, width: 10 })).slant).toBeCloseTo(-0.5, 1);
    expect(measure(block({ width: 10 })).width).toBeGreaterThan(1.4 * measure(block({ width: 6 })).width);
    expect(measure(block({ slant: 0.6 })).width).toBeCloseTo(measure(block({})).width, 0);
    expect(measure(block({ level: 250 })).thickness).toBeGreaterThan(measure(block({})).thickness);
  });

  it("names directions by what they change most, and leaves one without a clear effect unnamed", () => {
    // Latents are slant, width, thickness and a number that changes nothing.
    const draw = ([slant, width, ink]: ArrayLike<number> & Iterable<number>) => {
      const columns = 10 + 2 * width!;
      return block({ slant: 0.2 * slant!, width: columns, level: (900 + 200 * ink!) / columns });
    };
    const images = (latents: readonly Float32Array[]) => latents.map(draw);
    const axis = (at: number) => ({
      vector: Float64Array.from([0, 1, 2, 3], (i) => Number(i === at)),
      deviation: 1,
      share: 1 / 4,
    });
    const directions: Directions = { mean: new Float64Array(4), axes: [0, 1, 2, 3].map(axis) };
    const digits = [-1, 0, 1].flatMap((a) => [-1, 0, 1].flatMap((b) => [-1, 0, 1].map((c) => [a, b, c, 0])));
    const effects = nameDirections({ images }, directions, digits, 4);
    expect(effects[0]).toMatchObject({ trait: "slant", grows: true });
    expect(effects[1]).toMatchObject({ trait: "width", grows: true });
    expect(effects[2]).toMatchObject({ trait: "thickness", grows: true });
    expect(effects[3]).toBeUndefined();
  });
});
