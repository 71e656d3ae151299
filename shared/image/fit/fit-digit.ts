// Any picture of a digit to MNIST's conventions: light ink on black, scaled to fit 20 by 20 pixels with its
// proportions kept, and placed so that its centre of mass is the centre of 28 by 28.
// http://yann.lecun.com/exdb/mnist/ ("size-normalized to fit in a 20x20 pixel box ... centered in a 28x28 image by
// computing the center of mass of the pixels")

import { type Box, boxAround, type GreyImage, type RgbaImage } from "../raster.ts";
import { findInk } from "./ink.ts";
import { type Levels, resample } from "./resample.ts";
import { strokeWidth, thicken } from "./stroke.ts";

export const FITTED_SIDE = 28;
const DIGIT_SIDE = 20;
/** Index of the pixel that the centre of mass of nearly every MNIST digit rounds to. */
const CENTRE = 14;
/** When a digit is shrunk, edges fainter than this do not widen its box. */
const FAINT = 32;
/** Narrower strokes of the fitted digit are thickened, pixels. */
const THIN = 1.3;

export interface FittedDigit {
  /** 28 x 28, 0 is ground and 255 ink. */
  readonly image: GreyImage;
  /** The ink was darker than its ground. */
  readonly isInverted: boolean;
  /** Where the ink is in the picture, pixels; even numbers in large ones. */
  readonly boundingBox: Box;
  /** Side of a picture's pixel in the fitted image. */
  readonly scale: number;
  /** The strokes would have been much thinner than MNIST's pens drew. */
  readonly isThickened: boolean;
}

type Pair = [number, number];

/**
 * Fits a picture to MNIST's conventions; a digit of MNIST stays as it is, apart from rounding of its levels.
 * @throws EmptyImageError, UnclearImageError
 */
export function fitDigit(picture: RgbaImage): FittedDigit {
  const { levels, pixelSide, isInverted, offset } = findInk(picture);
  const box = inkBox(levels);
  const { width, height } = box;
  const longest = Math.max(width, height);
  const isThin = longest > DIGIT_SIDE && strokeWidth(levels) * DIGIT_SIDE < THIN * longest;
  // Thickening takes a pixel on each side.
  const side = isThin ? DIGIT_SIDE - 2 : DIGIT_SIDE;
  const digit = resample(
    levels,
    box,
    ...([width, height].map((length) => Math.max(1, Math.floor((length * side) / longest + 0.5))) as Pair),
  );
  const image = place(isThin ? thicken(digit) : digit);
  return {
    image,
    isInverted,
    boundingBox: {
      x: offset.x + box.x * pixelSide,
      y: offset.y + box.y * pixelSide,
      width: width * pixelSide,
      height: height * pixelSide,
    },
    scale: side / longest / pixelSide,
    isThickened: isThin,
  };
}

function inkBox(levels: GreyImage): Box {
  const box = boxAround(levels, 1)!;
  return Math.max(box.width, box.height) > DIGIT_SIDE ? boxAround(levels, FAINT)! : box;
}

/** Centred by mass, in whole pixels and never across the edge; the strongest ink becomes 255. */
function place({ width, height, values }: Levels): GreyImage {
  let [mass, massX, massY, greatest] = [0, 0, 0, 0];
  values.forEach((level, i) => {
    mass += level;
    massX += level * (i % width);
    massY += level * Math.floor(i / width);
    greatest = Math.max(greatest, level);
  });
  const offset = (moment: number, side: number) =>
    Math.min(Math.max(Math.floor(CENTRE - moment / mass + 0.5), 0), FITTED_SIDE - side);
  const [left, top] = [offset(massX, width), offset(massY, height)];
  const pixels = new Uint8Array(FITTED_SIDE * FITTED_SIDE);
  values.forEach((level, i) => {
    const at = (top + Math.floor(i / width)) * FITTED_SIDE + left + (i % width);
    pixels[at] = Math.floor((level * 255) / greatest + 0.5);
  });
  return { width: FITTED_SIDE, height: FITTED_SIDE, pixels };
}
