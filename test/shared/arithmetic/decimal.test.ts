import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shortestDecimal } from "../../../shared/arithmetic/decimal.ts";

describe("the shortest decimal of a float32", () => {
  it("reads back exactly", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }), (value) => {
        expect(Math.fround(shortestDecimal(value))).toBe(value + 0);
        expect(Math.fround(Number(JSON.parse(JSON.stringify(shortestDecimal(value)))))).toBe(value + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it("has no superfluous digit", () => {
    expect([0.1, 0.5, -1.25, 1e-7, 100, 1 / 3].map(shortestDecimal)).toEqual([
      0.1, 0.5, -1.25, 1e-7, 100, 0.33333334,
    ]);
    expect(shortestDecimal(Math.fround(0.1))).toBe(0.1);
  });

  it("is the same for all numbers that round to the same, and for both zeros", () => {
    expect(shortestDecimal(0.10000000149011612)).toBe(0.1);
    expect(Object.is(shortestDecimal(-0), 0)).toBe(true);
    expect(Object.is(shortestDecimal(-1e-60), 0)).toBe(true);
  });
});
