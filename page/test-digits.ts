// Real digits, which no model has learned from, and where a model with a map sees them.

import sheetAddress from "../build/test-digits.png";
import type { GreyImage } from "../shared/image/raster.ts";
import { memoize } from "../shared/memoize.ts";
import { encodeImage, pinnedName, type TwoWayRelease } from "./releases.ts";
import { request } from "./service.ts";

export interface TestDigit {
  readonly digit: number;
  readonly image: GreyImage;
  readonly place: Float32Array;
}

const SIDE = 28;

/** @returns as many digits of each class as scripts/site/test-digits.ts has put into the sheet, a row per class */
export const loadTestDigits = memoize(
  async (release: TwoWayRelease): Promise<readonly TestDigit[]> => {
    const sheet = await createImageBitmap(await (await request(sheetAddress)).blob());
    const canvas = new OffscreenCanvas(sheet.width, sheet.height);
    const brush = canvas.getContext("2d")!;
    brush.drawImage(sheet, 0, 0);
    const columns = sheet.width / SIDE;
    return Array.from({ length: columns * (sheet.height / SIDE) }, (_, i) => {
      const digit = Math.floor(i / columns);
      const { data } = brush.getImageData((i % columns) * SIDE, digit * SIDE, SIDE, SIDE);
      const image = {
        width: SIDE,
        height: SIDE,
        pixels: Uint8Array.from({ length: SIDE * SIDE }, (_, at) => data[4 * at]!),
      };
      return { digit, image, place: encodeImage(release, image) };
    });
  },
  { keyOf: pinnedName },
);
