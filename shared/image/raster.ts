// Pictures as pixels, row by row.

/** Grey pixels, row by row: 0 is background (black), 255 is ink (white), as in MNIST. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Colours row by row, four bytes a pixel, alpha not premultiplied: what a canvas's ImageData holds. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint8ClampedArray;
}
