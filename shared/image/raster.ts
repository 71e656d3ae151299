// Pictures as pixels, row by row.

/** Grey pixels, row by row: 0 is background (black), 255 is ink (white), as in MNIST. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A square image as a decoder drew it. */
export interface Digit extends GreyImage {
  /** What the pixels were made of, float32 [height, width]. */
  readonly logits: Float32Array;
}

/** A picture of a digit, as high as its square, which may reach beyond it to the left and to the right. */
export interface DrawnDigit extends GreyImage {
  /** Where it begins, pixels from the left of the square. */
  readonly left: number;
}

/** Colours row by row, four bytes a pixel, alpha not premultiplied: what a canvas's ImageData holds. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

/** Part of an image, pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest box around the pixels from a level on; undefined where there are none. */
export function boxAround({ width, height, pixels }: GreyImage, least: number): Box | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[y * width + x]! < least) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
