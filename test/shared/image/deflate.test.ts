import fc from "fast-check";
import { unzlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { murmur3 } from "../../../shared/arithmetic/random.ts";
import { deflate } from "../../../shared/image/deflate.ts";
import { assignCodes, createCode, fitCode } from "../../../shared/image/huffman.ts";

const inflated = (data: Uint8Array, row: number) => unzlibSync(deflate(data, row));

/** Bytes that repeat nowhere. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => murmur3(Uint8Array.of(i, i >> 8, i >> 16))[0]!);
}

describe("deflate", () => {
  it("is read by another inflate, whatever the bytes", () => {
    const runs = fc
      .array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 600 })), { maxLength: 60 })
      .map((list) => Uint8Array.from(list.flatMap(([value, length]) => Array<number>(length).fill(value))));
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 4000 }),
      fc.uint8Array({ max: 2, maxLength: 4000 }),
      runs,
    );
    fc.assert(
      fc.property(data, fc.integer({ min: 1, max: 600 }), (bytes, row) => {
        expect(inflated(bytes, row)).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["one byte", Uint8Array.of(7)],
    ["constants of many blocks", new Uint8Array(300_000)],
    ["noise of many blocks", noise(100_000)],
    ["a far repetition, at the window's edge", concat(noise(32_768), noise(32_768))],
    ["a far repetition, beyond the window", concat(noise(32_769), noise(32_769))],
    ["just less than large", noise(24_575)],
    ["all bytes in turn", Uint8Array.from({ length: 70_000 }, (_, i) => i)],
  ])("compresses %s", (_, data) => {
    // Compared as text: toEqual takes a second for a million bytes.
    for (const row of [29, 40_000]) expect(String(inflated(data, row)) === String(data)).toBe(true);
  });

  it("limits codes to the length that deflate allows", () => {
    // Fibonacci frequencies make the deepest tree.
    let [a, b] = [1, 1];
    const list: number[] = [];
    for (let symbol = 0; symbol < 19; symbol++) {
      for (let i = 0; i < a; i++) list.push(symbol);
      [a, b] = [b, a + b];
    }
    // Spread them, so that few stand in runs.
    const data = Uint8Array.from(list, (_, i) => list[(i * 7919) % list.length]!);
    expect(inflated(data, data.length)).toEqual(data);
  });

  it("expands no data by more than an eighth and 32 bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000, size: "max" }), (bytes) => {
        expect(deflate(bytes, 29).length).toBeLessThanOrEqual(bytes.length * 1.125 + 32);
      }),
    );
  });
});

describe("a Huffman code", () => {
  it("is complete, within its limit, and never longer for the more frequent symbol", () => {
    const frequency = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 16_384 }),
    );
    const frequencies = fc.array(frequency, { minLength: 19, maxLength: 286 });
    fc.assert(
      fc.property(frequencies, fc.constantFrom(9, 15), (list, maxBits) => {
        const code = createCode(list.length);
        fitCode(code, Uint32Array.from(list), maxBits);
        const used = list
          .map((count, symbol) => ({ count, bits: code.lengths[symbol]! }))
          .filter((s) => s.count);
        if (used.length < 2) return;
        expect(used.reduce((sum, { bits }) => sum + 2 ** -bits, 0)).toBe(1);
        expect(Math.max(...used.map(({ bits }) => bits))).toBeLessThanOrEqual(maxBits);
        used.sort((x, y) => x.count - y.count || y.bits - x.bits);
        for (let i = 1; i < used.length; i++) expect(used[i]!.bits).toBeLessThanOrEqual(used[i - 1]!.bits);
      }),
    );
  });

  it("is the canonical one of its lengths", () => {
    // The example of RFC 1951, 3.2.2, whose codes are written here from the last bit.
    const code = createCode(8);
    code.lengths.set([3, 3, 3, 3, 3, 2, 4, 4]);
    assignCodes(code);
    expect([...code.codes]).toEqual([0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111]);
  });
});

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Uint8Array.from([...a, ...b]);
}
