// The pixels themselves, for programs.

import type { GreyImage } from "./raster.ts";

export interface JsonImage {
  readonly width: number;
  readonly height: number;
  /** Rows from the top, each level 0 (ground) to 255 (ink). */
  readonly pixels: readonly (readonly number[])[];
}

/** An image as a plain object, ready for JSON.stringify. */
export function toJson({ width, height, pixels }: GreyImage): JsonImage {
  const rows = Array.from({ length: height }, (_, y) => [...pixels.subarray(y * width, (y + 1) * width)]);
  return { width, height, pixels: rows };
}
