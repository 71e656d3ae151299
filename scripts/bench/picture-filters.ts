// What lenses, pens and JPEG do to a channel of a square picture.

/** Gaussian blur in two passes; the edge is repeated. */
export function blur(values: Float64Array, side: number, sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pass = (from: Float64Array, step: number, across: number) =>
    from.map((_, at) => {
      const place = Math.floor(at / step) % side;
      const line = at - place * step;
      return (
        weights.reduce((sum, weight, i) => {
          const near = Math.min(Math.max(place + i - reach, 0), side - 1);
          return sum + weight * from[line + near * step]!;
        }, 0) / total
      );
    }, across);
  return pass(pass(values, 1, side), side, 1);
}

/** The greatest share within a distance (or, below 0, the least): thicker or thinner strokes. */
export function grow(values: Float64Array, side: number, distance: number): Float64Array {
  const reach = Math.abs(distance);
  const best = distance > 0 ? Math.max : Math.min;
  return values.map((value, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    let result = value;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        if (dx * dx + dy * dy > reach * reach) continue;
        const [nx, ny] = [x + dx, y + dy];
        if (nx >= 0 && ny >= 0 && nx < side && ny < side) result = best(result, values[ny * side + nx]!);
      }
    }
    return result;
  });
}

/** JPEG's table for lightness at quality 50 (ITU-T T.81, K.1). */
const QUANTIZATION = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const COSINES = Array.from({ length: 8 }, (_, k) =>
  Array.from(
    { length: 8 },
    (_, n) => Math.cos(((2 * n + 1) * k * Math.PI) / 16) * (k === 0 ? Math.SQRT1_2 : 1) * 0.5,
  ),
);

/** Rounds the cosine coefficients of blocks of 8 x 8, as JPEG does; incomplete blocks at the edges stay as they are. */
export function compressBlocks(values: Float64Array, side: number, quality: number): void {
  for (let top = 0; top + 8 <= side; top += 8) {
    for (let left = 0; left + 8 <= side; left += 8) {
      const at = (i: number) => (top + (i >> 3)) * side + left + (i & 7);
      const block = Float64Array.from({ length: 64 }, (_, i) => values[at(i)]! - 128);
      const coefficients = transform(block, (k, n) => COSINES[k]![n]!).map((value, i) => {
        const step = Math.max(QUANTIZATION[i]! / quality, 1);
        return Math.round(value / step) * step;
      });
      transform(coefficients, (n, k) => COSINES[k]![n]!).forEach((value, i) => {
        values[at(i)] = value + 128;
      });
    }
  }
}

function transform(block: Float64Array, factor: (to: number, from: number) => number): Float64Array {
  const rows = block.map((_, i) => {
    let sum = 0;
    for (let from = 0; from < 8; from++) sum += factor(i & 7, from) * block[(i & 56) | from]!;
    return sum;
  });
  return rows.map((_, i) => {
    let sum = 0;
    for (let from = 0; from < 8; from++) sum += factor(i >> 3, from) * rows[8 * from + (i & 7)]!;
    return sum;
  });
}
