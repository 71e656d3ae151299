// What a pen draws on the page's pad: a digit of each class, and scribbles that are none. Places are shares of the pad's sides.

export type Point = readonly [x: number, y: number];
export type Strokes = readonly (readonly Point[])[];

/** An arc of an ellipse, from one angle to another. */
const arc = (x: number, y: number, rx: number, ry = rx, from = 0, to = 2 * Math.PI): Point[] =>
  Array.from({ length: 33 }, (_, i) => {
    const angle = from + ((to - from) * i) / 32;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });

/** "20,80 90,70": a line through points, in hundredths; "|" lifts the pen. */
const lines = (text: string): Strokes =>
  text.split("|").map((line) =>
    line
      .trim()
      .split(" ")
      .map((point) => point.split(",").map((value) => Number(value) / 100) as [number, number]),
  );

/** By class. */
export const DIGITS: readonly Strokes[] = [
  [arc(0.5, 0.5, 0.25, 0.36)],
  lines("50,14 50,86"),
  lines("29,32 39,18 61,18 70,34 57,54 29,82 75,82"),
  lines("29,21 54,16 66,29 57,45 43,48 61,52 71,68 57,84 29,80"),
  lines("32,18 27,54 73,54 | 64,18 64,86"),
  lines("71,18 36,18 32,46 57,45 71,61 61,82 29,80"),
  lines("64,16 43,32 32,57 36,79 54,86 68,71 57,57 36,64"),
  lines("25,21 75,21 46,86"),
  lines("64,29 50,16 36,27 43,45 61,59 64,75 50,86 34,75 39,57 61,41 64,29"),
  lines("66,32 50,18 34,32 43,48 62,43 66,30 62,86"),
];

export const SCRIBBLES: Readonly<Record<string, Strokes>> = {
  zigzag: lines("14,21 86,29 18,39 82,50 16,61 84,71 21,82"),
  "upright zigzag": lines("14,14 21,86 32,14 43,86 54,14 64,86 79,14"),
  spiral: [
    Array.from({ length: 120 }, (_, i) => [
      0.5 + 0.003 * i * Math.cos(i / 8),
      0.5 + 0.003 * i * Math.sin(i / 8),
    ]),
  ],
  star: lines("50,11 71,86 14,36 86,36 29,86 50,11"),
  house: lines("21,86 21,43 50,14 79,43 79,86 21,86"),
  smile: [
    arc(0.5, 0.5, 0.39),
    arc(0.36, 0.39, 0.02),
    arc(0.64, 0.39, 0.02),
    arc(0.5, 0.54, 0.21, 0.21, 0.3, 2.8),
  ],
  heart: lines("50,82 18,46 18,29 32,18 50,32 68,18 82,29 82,46 50,82"),
  cross: lines("18,18 82,82 | 82,18 18,82"),
  plus: lines("50,14 50,86 | 14,50 86,50"),
  hash: lines("36,14 32,86 | 64,14 61,86 | 14,36 86,36 | 14,64 86,64"),
  fish: [arc(0.43, 0.5, 0.29, 0.18), ...lines("68,50 89,32 89,68 68,50")],
  wave: [Array.from({ length: 65 }, (_, i) => [0.1 + 0.0125 * i, 0.5 + 0.2 * Math.sin(i / 5)])],
  stairs: lines("14,82 32,82 32,64 50,64 50,46 68,46 68,29 86,29"),
  triangle: lines("50,14 86,82 14,82 50,14"),
  "letter A": lines("21,86 50,14 79,86 | 32,57 68,57"),
  "letter E": lines("71,14 29,14 29,86 71,86 | 29,50 64,50"),
  "letter H": lines("25,14 25,86 | 75,14 75,86 | 25,50 75,50"),
  "letter K": lines("29,14 29,86 | 75,14 29,54 75,86"),
  "letter M": lines("18,86 21,14 50,57 79,14 82,86"),
  "letter N": lines("21,86 21,14 79,86 79,14"),
  "letter W": lines("11,18 29,86 50,36 71,86 89,18"),
  ampersand: lines("79,86 32,32 39,16 55,18 55,32 21,61 29,82 54,82 75,54"),
};
