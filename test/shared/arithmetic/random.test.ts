import { describe, expect, it } from "vitest";
import { createGenerator, murmur3, sampleNormal, uniform } from "../../../shared/arithmetic/random.ts";
import { SeedError } from "../../../shared/errors.ts";

const hex = (text: string) =>
  murmur3(text)
    .map((word) => (word >>> 0).toString(16).padStart(8, "0"))
    .join("");

describe("the seed's hash", () => {
  // Values of the reference implementation, through the Python package mmh3 (x86, 128 bits, seed 0).
  it.each([
    ["0", "0ab2409ea5eb34f8a5eb34f8a5eb34f8"],
    ["42", "42339950f2d89cc6f2d89cc6f2d89cc6"],
    ["hello world", "c0b21a8814f3c1e11c0d151a9b0c9e2c"],
    ["The quick brown fox jumps over", "9c283a416af26d4b5406eaabc5a336bf"],
    ["ção", "6c127e2cc71210799525908b9525908b"],
    ["a".repeat(128), "3179e25bb9ce07364264993a2978ee06"],
  ])("of %j is MurmurHash3's", (text, expected) => {
    expect(hex(text)).toBe(expected);
  });
});

describe("a seed", () => {
  it("gives the same numbers every time", () => {
    const [a, b] = [createGenerator("42"), createGenerator("42")];
    for (let i = 0; i < 100; i++) expect(a()).toBe(b());
  });

  it("differs from its neighbours and anagrams from the first number on", () => {
    const seeds = [
      "0",
      "1",
      "2",
      "00",
      "01",
      "10",
      "a",
      "b",
      "ab",
      "ba",
      "listen",
      "silent",
      " 1",
      "1 ",
      "é",
      "e\u0301",
    ];
    expect(new Set(seeds.map((seed) => createGenerator(seed)())).size).toBe(seeds.length);
  });

  it("has 1 to 128 characters, counted as Unicode code points", () => {
    expect(() => createGenerator("")).toThrow(SeedError);
    expect(() => createGenerator("x".repeat(129))).toThrow("found 129");
    expect(() => createGenerator("😀".repeat(128))).not.toThrow();
  });

  it("gives normal numbers of mean 0 and deviation 1, uncorrelated between neighbouring seeds", () => {
    const count = 20_000;
    const first = Float64Array.from(
      { length: count },
      (_, i) => sampleNormal(createGenerator(`${i}`), new Float32Array(2))[0]!,
    );
    const mean = first.reduce((sum, x) => sum + x, 0) / count;
    const variance = first.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    const lag = first.slice(1).reduce((sum, x, i) => sum + x * first[i]!, 0) / count;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    expect(Math.abs(lag)).toBeLessThan(0.03);
  });

  it("gives uniform numbers that never reach 0 or 1", () => {
    expect(uniform(() => 0)).toBeGreaterThan(0);
    expect(uniform(() => 0xffffffff)).toBeLessThan(1);
  });
});
