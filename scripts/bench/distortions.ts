// Pictures of a digit as people upload them: rotated, slanted, blurred, noisy, badly lit, coloured, framed. One renderer,
// and a table of the differences from black on white paper.

import { type Generator, uniform } from "../../shared/arithmetic/random.ts";
import type { GreyImage, RgbaImage } from "../../shared/image/raster.ts";
import { blur, compressBlocks, grow } from "./picture-filters.ts";

type Colour = readonly [red: number, green: number, blue: number];
/** Share of full light by position; coordinates go from 0 to 1, from left to right and from top to bottom. */
type Light = (x: number, y: number) => number;

/** Black on white paper. */
const PAPER = {
  /** Side of the picture, pixels. */
  side: 200,
  /** Side of MNIST's image in it, pixels. */
  size: 150,
  /** Rotation to either side, degrees. */
  angle: 0,
  /** Slant to either side, as a share of the height. */
  shear: 0,
  /** Distance of the digit's centre from the picture's in a random direction, as a share of the side. */
  offset: 0,
  /** Added to both sides of strokes, pixels. */
  growth: 0,
  /** Standard deviation, pixels. */
  blur: 0,
  ink: [0, 0, 0] as Colour,
  paper: [255, 255, 255] as Colour,
  /** Only the ink is opaque. */
  isClear: false,
  light:
    (_random: Generator): Light =>
    () =>
      1,
  /** A box of ink around the digit: its distance from the picture's edge and its width, as shares of the side. */
  frame: undefined as { readonly inset: number; readonly width: number } | undefined,
  /** Distance of ruled lines, share of the side. */
  rules: 0,
  /** Standard deviation, grey levels. */
  noise: 0,
  /** Share of pixels that are black or white. */
  specks: 0,
  /** Divisor of JPEG's quantization table for quality 50; 0 is lossless. */
  quality: 0,
};
export type Scene = Readonly<typeof PAPER>;

const inAnyDirection =
  (fade: (t: number) => number) =>
  (random: Generator): Light => {
    const angle = 2 * Math.PI * uniform(random);
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    return (x, y) => fade(0.5 + ((x - 0.5) * dx + (y - 0.5) * dy) / Math.SQRT2);
  };
const gradient = (depth: number) => inAnyDirection((t) => 1 - depth * t);
/** A shadow with an edge, across the paper. */
const shadow = (depth: number, softness: number) =>
  inAnyDirection((t) => 1 - depth * Math.min(Math.max((t - 0.5) / softness + 0.5, 0), 1));
const vignette = (depth: number) => (): Light => (x, y) => 1 - 2 * depth * ((x - 0.5) ** 2 + (y - 0.5) ** 2);

const WHITE: Colour = [255, 255, 255];
const WHITE_ON_BLACK = { ink: WHITE, paper: [0, 0, 0] as Colour };
/** Colours of the same lightness. */
const RED_ON_GREEN = { ink: [200, 60, 60] as Colour, paper: [60, 142, 60] as Colour };
const BLUE_ON_GREY = { ink: [60, 90, 220] as Colour, paper: [96, 96, 96] as Colour };
const BOX = { frame: { inset: 0.08, width: 0.02 } };
const HARD_SHADOW = { light: shadow(0.4, 0.02) };
const SOFT_SHADOW = { light: shadow(0.4, 0.4) };
const NO_DIGIT = { size: 1e-3 };

/** What each row of the table changes; `undefined` leaves MNIST's image as it is. */
export const DISTORTIONS: readonly (readonly [name: string, change: Partial<Scene> | undefined])[] = [
  ["MNIST's own 28 x 28, white on black", undefined],
  ["black on white, 28 x 28", { side: 28, size: 28 }],
  ["black on white, 200 x 200", {}],
  ["white on black", WHITE_ON_BLACK],
  ["black on nothing", { isClear: true }],
  ["white on nothing", { ink: WHITE, isClear: true }],
  ["size: 60 of 300 pixels", { side: 300, size: 60 }],
  ["size: 500 of 512 pixels", { side: 512, size: 500 }],
  ["size: 28 of 40 pixels", { side: 40, size: 28 }],
  ["larger than the picture: 180 of 130 pixels", { side: 130, size: 180 }],
  ["offset by a quarter", { size: 90, offset: 0.25 }],
  ["turned by 10°", { angle: 10 }],
  ["turned by 20°", { angle: 20 }],
  ["turned by 30°", { angle: 30 }],
  ["slanted by 0.2", { shear: 0.2 }],
  ["slanted by 0.4", { shear: 0.4 }],
  ["strokes 2 pixels thinner on each side", { growth: -2 }],
  ["strokes 4 pixels thicker on each side", { growth: 4 }],
  ["blur of 2 pixels", { blur: 2 }],
  ["blur of 5 pixels", { blur: 5 }],
  ["noise of 10 levels", { noise: 10 }],
  ["noise of 25 levels", { noise: 25 }],
  ["noise of 25 levels, 60 x 60", { side: 60, size: 45, noise: 25 }],
  ["1 % of pixels black or white", { specks: 0.01 }],
  ["JPEG artefacts, quality 50", { quality: 1 }],
  ["JPEG artefacts, quality 10", { quality: 0.2 }],
  ["grey on white, 60 levels apart", { ink: [195, 195, 195] }],
  ["blue on yellow", { ink: [30, 50, 160], paper: [250, 230, 120] }],
  ["yellow on white", { ink: [255, 220, 0] }],
  ["red on green of the same lightness", RED_ON_GREEN],
  ["blue on grey of the same lightness", BLUE_ON_GREY],
  ["blue on grey of the same lightness, noise of 10 levels", { ...BLUE_ON_GREY, noise: 10 }],
  ["light falls by 30 % across", { light: gradient(0.3), noise: 3 }],
  ["light falls by 70 % across", { light: gradient(0.7), noise: 3 }],
  ["light falls by 30 % across, no noise", { light: gradient(0.3) }],
  ["corners darker by 40 %", { light: vignette(0.4), noise: 3 }],
  ["soft shadow of 40 %", { ...SOFT_SHADOW, noise: 3 }],
  ["hard shadow of 40 %", { ...HARD_SHADOW, noise: 3 }],
  ["hard shadow of 40 %, no noise", HARD_SHADOW],
  ["chalk in uneven light", { ink: [230, 235, 230], paper: [40, 80, 60], light: gradient(0.5), noise: 6 }],
  ["thin frame at the edge", { frame: { inset: 0, width: 0.01 } }],
  ["thick frame at the edge", { frame: { inset: 0, width: 0.06 } }],
  ["thin box inside", { size: 120, frame: { inset: 0.08, width: 0.01 } }],
  ["thick box inside", { size: 120, frame: { inset: 0.08, width: 0.04 } }],
  ["box inside, noise of 10 levels", { ...BOX, size: 120, noise: 10 }],
  ["tight box, 64 x 64", { side: 64, size: 54, frame: { inset: 0.03, width: 0.03 } }],
  ["box, turned by 5°", { size: 110, angle: 5, frame: { inset: 0.12, width: 0.015 } }],
  ["dark table around paper, turned by 5°", { size: 100, angle: 5, frame: { inset: 0, width: 0.15 } }],
  ["white on black in hard shadow", { ink: WHITE, paper: [60, 60, 60], light: shadow(0.5, 0.02), noise: 3 }],
  ["red on green of the same lightness, hard shadow", { ...RED_ON_GREEN, ...HARD_SHADOW, noise: 3 }],
  [
    "red on green of the same lightness, light falls by 50 %",
    { ...RED_ON_GREEN, noise: 3, light: gradient(0.5) },
  ],
  ["box around the digit, soft shadow of 40 %", { ...BOX, ...SOFT_SHADOW, size: 120, noise: 3 }],
  ["box around the digit, hard shadow of 40 %", { ...BOX, ...HARD_SHADOW, size: 120, noise: 3 }],
  ["box that touches the digit", { size: 170, noise: 3, frame: { inset: 0.14, width: 0.02 } }],
  ["ruled paper", { rules: 0.18, noise: 3 }],
  ["no digit: noise of 25 levels", { ...NO_DIGIT, noise: 25 }],
  ["no digit: light falls by 70 % across", { ...NO_DIGIT, light: gradient(0.7), noise: 3 }],
  ["no digit: hard shadow of 40 %", { ...NO_DIGIT, ...HARD_SHADOW, noise: 3 }],
  ["no digit: hard shadow of 40 %, no noise", { ...NO_DIGIT, ...HARD_SHADOW }],
  ["no digit: thin box", { ...NO_DIGIT, frame: { inset: 0.08, width: 0.02 } }],
  ["no digit: dark table around paper", { ...NO_DIGIT, frame: { inset: 0, width: 0.1 } }],
];

/** @param digit  28 x 28, light on black */
export function renderScene(digit: GreyImage, change: Partial<Scene>, random: Generator): RgbaImage {
  const scene = { ...PAPER, ...change };
  const { side, ink, paper, isClear, frame, rules } = scene;
  let cover = placeDigit(digit, scene, random);
  if (scene.growth !== 0) cover = grow(cover, side, scene.growth);
  if (frame) drawFrame(cover, scene, random);
  if (scene.blur > 0) cover = blur(cover, side, scene.blur);
  const light = scene.light(random);
  const levels = [0, 1, 2].map((c) => {
    const channel = new Float64Array(side * side);
    cover.forEach((share, at) => {
      const [x, y] = [at % side, Math.floor(at / side)];
      const isRule = rules > 0 && Math.floor(y / (rules * side)) !== Math.floor((y - 1) / (rules * side));
      const ground = isRule ? paper[c]! - 70 : paper[c]!;
      channel[at] = (ground + (ink[c]! - ground) * share) * light((x + 0.5) / side, (y + 0.5) / side);
    });
    return channel;
  });
  for (let at = 0; at < side * side; at++) {
    const isSpeck = scene.specks > 0 && uniform(random) < scene.specks;
    const speck = isSpeck && uniform(random) < 0.5 ? 0 : 255;
    for (const channel of levels) {
      if (scene.noise > 0) channel[at]! += scene.noise * normal(random);
      if (isSpeck) channel[at] = speck;
    }
  }
  if (scene.quality > 0) for (const channel of levels) compressBlocks(channel, side, scene.quality);
  const pixels = new Uint8Array(4 * side * side);
  cover.forEach((share, at) => {
    levels.forEach((channel, c) => {
      pixels[4 * at + c] = Math.min(Math.max(Math.round(isClear ? ink[c]! : channel[at]!), 0), 255);
    });
    pixels[4 * at + 3] = isClear ? Math.round(255 * share) : 255;
  });
  return { width: side, height: side, pixels };
}

/** Shares of ink, 0 to 1. */
function placeDigit({ pixels }: GreyImage, scene: Scene, random: Generator): Float64Array {
  const { side, size } = scene;
  const sign = () => (uniform(random) < 0.5 ? -1 : 1);
  const angle = (sign() * scene.angle * Math.PI) / 180;
  const shear = sign() * scene.shear;
  const direction = 2 * Math.PI * uniform(random);
  const [left, top] = [Math.cos(direction), Math.sin(direction)].map((d) => (0.5 + d * scene.offset) * side);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const levelAt = (x: number, y: number) => (x < 0 || y < 0 || x > 27 || y > 27 ? 0 : pixels[y * 28 + x]!);
  return Float64Array.from({ length: side * side }, (_, at) => {
    const [dx, dy] = [(at % side) + 0.5 - left!, Math.floor(at / side) + 0.5 - top!];
    const v = -sin * dx + cos * dy;
    const u = cos * dx + sin * dy + shear * v;
    const [x, y] = [(u * 28) / size + 13.5, (v * 28) / size + 13.5];
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - x0, y - y0];
    const upper = levelAt(x0, y0) * (1 - fx) + levelAt(x0 + 1, y0) * fx;
    const lower = levelAt(x0, y0 + 1) * (1 - fx) + levelAt(x0 + 1, y0 + 1) * fx;
    return (upper * (1 - fy) + lower * fy) / 255;
  });
}

function drawFrame(cover: Float64Array, { side, frame, angle }: Scene, random: Generator): void {
  const { inset, width } = frame!;
  const turn = ((uniform(random) < 0.5 ? -1 : 1) * angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const outer = (0.5 - inset) * side;
  for (let at = 0; at < cover.length; at++) {
    const [dx, dy] = [(at % side) + 0.5 - side / 2, Math.floor(at / side) + 0.5 - side / 2];
    const reach = Math.max(Math.abs(cos * dx + sin * dy), Math.abs(cos * dy - sin * dx));
    const share =
      Math.min(Math.max(outer - reach + 0.5, 0), 1) *
      Math.min(Math.max(reach - outer + Math.max(width * side, 1) + 0.5, 0), 1);
    cover[at] = Math.max(cover[at]!, share);
  }
}

/** By Box & Muller. */
function normal(random: Generator): number {
  return Math.sqrt(-2 * Math.log(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random));
}
