// A picture's ground, estimated from its edge: one grey level where the edge is plain, and a plane (least squares,
// without the ink there) where light falls unevenly.

import type { GreyImage } from "../raster.ts";

export interface Ground {
  readonly levelAt: (x: number, y: number) => number;
  /** Differences up to this are not ink, grey levels; 0 on a plain ground. */
  readonly noise: number;
  /** The edge deviates from its plane by more than its noise: the light is not a plane. */
  readonly isUneven: boolean;
}

/** Width of the sampled edge, as a share of the shorter side. */
const EDGE_SHARE = 0.05;
/** Enough of the edge's pixels for medians and a plane. */
const MAX_SAMPLES = 2000;
/** How far pixels may deviate from one plane and still count for the next one. */
const TRIMS = [64, 24] as const;
/** The median absolute difference of normal noise is 0.674 sigma; this many of them are 4 sigma. */
const NOISE_MEDIANS = 6;
const MIN_NOISE = 4;

/** The edge is plain if at most this share of it deviates slightly from a single level. */
const MAX_PLAIN_OFF = 0.25;
/** Distance of a neighbour, pixels; and how many times the neighbours' differences count as uneven. */
const NEIGHBOUR = 4;
const UNEVEN_RATIO = 1.5;

type Sample = readonly [x: number, y: number, level: number];

export function createGround(grey: GreyImage): Ground {
  const edge = sampleEdge(grey);
  const level = median(edge.map((sample) => sample[2]));
  const flat = () => level;
  if (spread(edge, flat) === 0) return createFlatGround(edge, level);

  let levelAt: Ground["levelAt"] = flat;
  for (const trim of TRIMS) {
    levelAt = fitPlane(edge.filter(([x, y, value]) => Math.abs(value - levelAt(x, y)) <= trim)) ?? levelAt;
  }
  const deviation = spread(edge, levelAt);
  return {
    levelAt,
    noise: noiseOf(deviation),
    isUneven: deviation > UNEVEN_RATIO * Math.max(1, neighbourDifference(edge, grey)),
  };
}

/** Plain, or so light or dark that half of the noise is clipped: then the other half gives its size. */
function createFlatGround(edge: readonly Sample[], level: number): Ground {
  const levelAt = () => level;
  const near = edge.filter((sample) => Math.abs(sample[2] - level) <= TRIMS[0]);
  const off = near.filter((sample) => sample[2] !== level);
  const isPlain = off.length <= MAX_PLAIN_OFF * near.length;
  return { levelAt, noise: isPlain ? 0 : noiseOf(spread(off, levelAt)), isUneven: false };
}

function noiseOf(deviation: number): number {
  return Math.max(MIN_NOISE, Math.ceil(NOISE_MEDIANS * deviation));
}

/** Median absolute difference of pixels that are near one another. */
function neighbourDifference(edge: readonly Sample[], { width, pixels }: GreyImage): number {
  return median(
    edge.map(([x, y, level]) => {
      const beside = x + NEIGHBOUR < width ? x + NEIGHBOUR : Math.max(x - NEIGHBOUR, 0);
      return Math.abs(level - pixels[y * width + beside]!);
    }),
  );
}

/** Pixels of the edge, evenly chosen where there are many. */
function sampleEdge({ width, height, pixels }: GreyImage): readonly Sample[] {
  const depth = Math.max(1, Math.floor(Math.min(width, height) * EDGE_SHARE));
  const inner = Math.max(width - 2 * depth, 0) * Math.max(height - 2 * depth, 0);
  const step = Math.ceil((width * height - inner) / MAX_SAMPLES);
  const samples: Sample[] = [];
  let index = 0;
  for (let y = 0; y < height; y++) {
    const isFull = y < depth || y >= height - depth;
    for (let x = 0; x < width; x++) {
      if (!isFull && x === depth && width > 2 * depth) x = width - depth;
      if (index++ % step === 0) samples.push([x, y, pixels[y * width + x]!]);
    }
  }
  return samples;
}

/** Median absolute difference. */
function spread(samples: readonly Sample[], levelAt: Ground["levelAt"]): number {
  return median(samples.map(([x, y, level]) => Math.abs(level - levelAt(x, y))));
}

function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[Math.floor(values.length / 2)]!;
}

/** Least squares about the samples' mean; undefined where they lie on one line. */
function fitPlane(samples: readonly Sample[]): Ground["levelAt"] | undefined {
  const mean = [0, 1, 2].map((i) => samples.reduce((sum, sample) => sum + sample[i]!, 0) / samples.length);
  const [x0, y0, level0] = mean as unknown as Sample;
  let [xx, xy, yy, xl, yl] = [0, 0, 0, 0, 0];
  for (const [x, y, level] of samples) {
    const [dx, dy] = [x - x0, y - y0];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
    xl += dx * (level - level0);
    yl += dy * (level - level0);
  }
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 0)) return undefined;
  const right = (xl * yy - yl * xy) / determinant;
  const down = (yl * xx - xl * xy) / determinant;
  return (x, y) => level0 + right * (x - x0) + down * (y - y0);
}
