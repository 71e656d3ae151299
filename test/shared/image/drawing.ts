// Pictures to encode that need no data set: the same in every engine.

import fc from "fast-check";
import type { GreyImage } from "../../../shared/image/raster.ts";

/** A soft-edged ring, like a 0: ground, ink, and greys between. */
export function drawRing(size = 28, radius = 8): GreyImage {
  const centre = (size - 1) / 2;
  const pixels = Uint8Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [(i % size) - centre, Math.floor(i / size) - centre];
    const distance = Math.abs(Math.sqrt(x * x + y * y) - radius);
    return Math.min(255, Math.max(0, Math.round(420 - 160 * distance)));
  });
  return { width: size, height: size, pixels };
}

export function constantImage(width: number, height: number, level: number): GreyImage {
  return { width, height, pixels: new Uint8Array(width * height).fill(level) };
}

/** Images of any content: noise, few levels, or long runs. */
export function arbitraryImage(maxSide: number): fc.Arbitrary<GreyImage> {
  const side = fc.integer({ min: 1, max: maxSide });
  const level = fc.oneof(fc.nat(255), fc.constantFrom(0, 0, 0, 1, 254, 255));
  return fc.tuple(side, side).chain(([width, height]) =>
    fc
      .oneof(
        fc.uint8Array({ minLength: width * height, maxLength: width * height }),
        fc.array(fc.tuple(level, fc.integer({ min: 1, max: 40 })), { maxLength: 30 }).map((runs) => {
          const pixels = new Uint8Array(width * height);
          let at = 0;
          for (const [value, length] of runs) {
            pixels.fill(value, at, at + length);
            at += length;
          }
          return pixels;
        }),
      )
      .map((pixels) => ({ width, height, pixels })),
  );
}
