import { describe, expect, it } from "vitest";
import { parseColour } from "../../../shared/image/colour.ts";
import { tileImages } from "../../../shared/image/sheet.ts";
import { encodeSvg } from "../../../shared/image/svg.ts";
import { constantImage, drawRing } from "./drawing.ts";
import { flattenInk, inkArea, isInside } from "./outline.ts";

describe("an SVG", () => {
  it("draws a ring as a ring: round, with a hole, where the pixels are", () => {
    const rings = flattenInk(encodeSvg(drawRing(), 280));
    expect(rings).toHaveLength(2);
    expect(isInside(rings, 14, 14)).toBe(false);
    expect(isInside(rings, 1, 1)).toBe(false);
    for (const [x, y] of [
      [14, 6],
      [22, 14],
      [14, 22],
      [6, 14],
      [8.4, 8.4],
    ] as const) {
      expect(isInside(rings, x, y)).toBe(true);
    }
    for (const ring of rings) {
      const radii = ring.map(([x, y]) => Math.hypot(x - 14, y - 14));
      expect(Math.max(...radii) - Math.min(...radii)).toBeLessThan(0.35);
    }
    const ink = drawRing().pixels.reduce((sum, level) => sum + level / 255, 0);
    expect(Math.abs(inkArea(rings) / ink - 1)).toBeLessThan(0.1);
  });

  it("has the frozen text", () => {
    const dot = {
      width: 4,
      height: 4,
      pixels: Uint8Array.of(0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0),
    };
    expect(encodeSvg(dot, 28)).toMatchInlineSnapshot(
      `"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4" width="28" height="28"><path fill="#000000" d="M0 0h4v4H0z"/><path fill="#ffffff" fill-rule="evenodd" transform="scale(0.05)" d="M52 55q8-5 8-15t-7-15-17-3-13 10 0 16 12 10 17-3z"/></svg>"`,
    );
  });

  it("takes colours, and no ground when that is transparent", () => {
    const style = { foreground: parseColour("f80"), background: parseColour("012345") };
    expect(encodeSvg(drawRing(), 100, style)).toMatch(
      /<path fill="#012345" d="M0 0h28v28H0z"\/><path fill="#ff8800"/,
    );
    const svg = encodeSvg(drawRing(), 100, { ...style, background: "transparent" });
    expect(svg).toContain('fill="#ff8800"');
    expect(svg.match(/<path/g)).toHaveLength(1);
  });

  it("has its size, also for strips", () => {
    const strip = tileImages([drawRing(), drawRing()], 2);
    expect(encodeSvg(strip, 112)).toMatch(/viewBox="0 0 56 28" width="112" height="56"/);
  });

  it("draws a faint digit completely, and ignores noise on the ground", () => {
    const faint = (strength: number) => {
      const ring = drawRing();
      return { ...ring, pixels: ring.pixels.map((level) => level * strength) };
    };
    expect(flattenInk(encodeSvg(faint(0.4), 28))).toHaveLength(2);
    expect(flattenInk(encodeSvg(faint(0.1), 28))).toHaveLength(0);
  });

  it("of a blank image is only the ground, and of a full one is filled except for its corners", () => {
    expect(flattenInk(encodeSvg(constantImage(28, 28, 0), 28))).toEqual([]);
    const full = flattenInk(encodeSvg(constantImage(28, 28, 255), 28));
    expect(inkArea(full)).toBeGreaterThan(780);
  });
});
