import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../../shared/errors.ts";
import { formatColour, mix, parseBackground, parseColour } from "../../../shared/image/colour.ts";

describe("a colour", () => {
  it.each([
    ["f80", [255, 136, 0], "ff8800"],
    ["FF8800", [255, 136, 0], "ff8800"],
    ["012345", [1, 35, 69], "012345"],
  ])("%s is read, and written in its canonical form", (text, colour, written) => {
    expect(parseColour(text)).toEqual(colour);
    expect(formatColour(parseColour(text))).toBe(written);
  });

  it.each([
    "",
    "#f80",
    "f8",
    "ff880",
    "ff88001",
    "ff880080",
    "red",
    "transparent",
    " f80",
    "f80\n",
    "ｆ８０",
  ])("%j is refused", (text) => {
    expect(() => parseColour(text)).toThrow(ArgumentError);
    expect(() => parseColour(text)).toThrow(`found "${text}"`);
  });

  it("may be transparent for a ground", () => {
    expect(parseBackground("transparent")).toBe("transparent");
    expect(formatColour("transparent")).toBe("transparent");
    expect(parseBackground("fff")).toEqual([255, 255, 255]);
  });

  it("mixes exactly at the ends and to the nearest value between", () => {
    for (const [ground, ink] of [
      [0, 255],
      [255, 0],
      [10, 10],
      [3, 250],
    ] as const) {
      for (let level = 0; level < 256; level++) {
        expect(mix(ground, ink, level)).toBe(Math.round(ground + ((ink - ground) * level) / 255));
      }
    }
  });
});
