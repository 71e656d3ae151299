// Digits at any size on the SIMD kernels (../../decoder/kernels/ink.ts), bit-equal to reference.ts, which says how they are drawn.

import { ArgumentError } from "../../errors.ts";
import type { Digit, GreyImage } from "../raster.ts";
import { MAX_SIZE } from "../scale.ts";
import { type Hand, shearOf } from "./hand.ts";
import type { Columns } from "./reference.ts";

/** What build/decode-kernels.wasm exports for this; addresses in bytes. */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly fieldFromLogits: (
    logits: number,
    side: number,
    stride: number,
    field: number,
    spare: number,
    to: number,
  ) => void;
  readonly levelOf: (field: number, side: number, stride: number, ink: number, spare: number) => number;
  readonly inkField: (
    field: number,
    level: number,
    side: number,
    stride: number,
    size: number,
    shear: number,
    left: number,
    width: number,
    spare: number,
    to: number,
  ) => void;
}

/** A digit's field, and where its edges are. */
export interface InkField {
  /** Coefficients, float32 [side + 2 * MARGIN, stride], MARGIN of them around the image in each direction. */
  readonly coefficients: Float32Array;
  readonly stride: number;
  readonly level: number;
}

export interface Ink {
  /**
   * Draws a digit.
   * @param size  side of its square, pixels, a whole number from the digit's own side to 512
   * @throws ArgumentError
   */
  readonly draw: (digit: Digit, size: number, hand: Hand, columns?: Columns) => GreyImage;
  /** What outlines are traced on. @throws ArgumentError */
  readonly field: (digit: Digit, hand: Hand) => InkField;
}

/** A picture as if a decoder had drawn it: the logits whose hard sigmoid is its levels. */
export function digitFromImage(image: GreyImage): Digit {
  return { ...image, logits: Float32Array.from(image.pixels, (level) => (level / 255 - 0.5) * 5) };
}

/** Rows and columns of paper around an image. */
export const MARGIN = 3;
/** The kernels' scratch memory ends here. */
const FIRST_ADDRESS = 1024;
const PAGE_BYTES = 65536;
/** What vector instructions may write beyond the last number. */
const SLACK = 16;

/** One instance for each module: it keeps nothing between calls. */
const instances = new WeakMap<WebAssembly.Module, Ink>();

/** @param module  build/decode-kernels.wasm, compiled */
export function openInk(module: WebAssembly.Module): Ink {
  const ink = instances.get(module) ?? createInk(module);
  instances.set(module, ink);
  return ink;
}

function createInk(module: WebAssembly.Module): Ink {
  const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;

  /** Makes the field of a digit in the kernels' memory, which is grown to hold a picture of some bytes after it. */
  const load = (digit: Digit, { weight }: Hand, bytes: number) => {
    const { width: side, height, pixels, logits } = digit;
    if (height !== side) throw new ArgumentError(`digits are square, found ${side} x ${height}`);
    const stride = Math.ceil((side + 2 * MARGIN + 1) / 4) * 4;
    const gridBytes = (side + 2 * MARGIN) * stride * 4;
    const field = FIRST_ADDRESS;
    const spare = field + gridBytes;
    // Two grids, logits and the levels' search take turns in it.
    const picture = spare + Math.max(3 * gridBytes, 8 * (side + 3) * side) + SLACK;
    const missing = picture + bytes + SLACK - kernels.memory.buffer.byteLength;
    if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
    const source = spare + 2 * gridBytes;
    new Float32Array(kernels.memory.buffer, source, side * side).set(logits);
    kernels.fieldFromLogits(source, side, stride, spare, spare + gridBytes, field);
    const ink = pixels.reduce((sum, level) => sum + level, 0);
    const level = kernels.levelOf(field, side, stride, Math.round(ink * weight), spare);
    return { side, stride, field, spare, picture, level };
  };

  return {
    draw: (digit, size, hand, { left, width } = { left: 0, width: size }) => {
      if (!Number.isInteger(size) || size < digit.width || size > MAX_SIZE) {
        throw new ArgumentError(
          `a size is a whole number of pixels from ${digit.width} to ${MAX_SIZE}, found ${size}`,
        );
      }
      const bytes = width * size;
      const { side, stride, field, spare, picture, level } = load(digit, hand, bytes);
      kernels.inkField(field, level, side, stride, size, shearOf(hand), left, width, spare, picture);
      const pixels = new Uint8Array(kernels.memory.buffer, picture, bytes).slice();
      return { width, height: size, pixels };
    },
    field: (digit, hand) => {
      const { side, stride, field, level } = load(digit, hand, 0);
      const count = (side + 2 * MARGIN) * stride;
      return { coefficients: new Float32Array(kernels.memory.buffer, field, count).slice(), stride, level };
    },
  };
}
