// The report's colours can be told apart with any colour vision: simulated dichromacy (Machado, Oliveira & Fernandes 2009,
// severity 1, on linear sRGB), differences in CIELAB.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const VISIONS = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};
/** A just noticeable difference is 2.3; small marks need several. */
const LEAST_DIFFERENCE = 15;

const css = readFileSync("trainer/report/theme.css", "utf8");
const [light, dark] = css.split("@media screen and (prefers-color-scheme: dark)") as [string, string];

describe.each([
  ["light", light],
  ["dark", dark],
])("in the %s scheme", (_, scheme) => {
  it.each(["class", "series"])("no two colours of a %s look alike", (kind) => {
    const colours = [...scheme.matchAll(new RegExp(`--${kind}-\\d: #(\\w{6})`, "g"))].map(([, hex]) => hex!);
    expect(colours).toHaveLength(kind === "class" ? 10 : 7);
    for (const [vision, matrix] of Object.entries(VISIONS)) {
      const seen = colours.map((hex) => labOf(hex, matrix));
      const differences = seen.flatMap((a, i) =>
        seen.slice(0, i).map((b) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!)),
      );
      expect(Math.min(...differences), vision).toBeGreaterThan(LEAST_DIFFERENCE);
    }
  });
});

/** CIELAB under D65 of an sRGB colour as a vision sees it. */
function labOf(hex: string, matrix: readonly number[]): number[] {
  const linear = [0, 2, 4].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const times = (m: readonly number[], v: readonly number[]) =>
    [0, 3, 6].map((row) => m[row]! * v[0]! + m[row + 1]! * v[1]! + m[row + 2]! * v[2]!);
  const seen = times(matrix, linear).map((value) => Math.min(1, Math.max(0, value)));
  const xyz = times([0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505], seen);
  const [x, y, z] = [xyz[0]! / 0.9505, xyz[1]!, xyz[2]! / 1.089].map((t) =>
    t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116,
  ) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
