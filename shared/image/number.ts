// Digits laid out as a number. MNIST's are centred in a square with wide margins; in handwriting the distances from ink to ink
// are even. So neighbours are moved together until the gap between them is as wide as in handwriting. Whole pixels
// only, so every engine gets the same layout.

import { ArgumentError } from "../errors.ts";
import { boxAround, type DrawnDigit, type GreyImage } from "./raster.ts";
import { type Sheet, sideOf } from "./sheet.ts";

/** Least level that counts as ink. */
const INK_LEVEL = 64;
/** Ground left and right of the number, as much as MNIST leaves above and below a digit. */
const MARGIN = 4;
/** Mean width of the ground between neighbours, over the rows where either has ink. */
const MEAN_GAP = 6;
/** Wider ground counts as this wide, so that one long stroke cannot pull the next digit into the open side of a 7. */
const WIDEST_GAP = 9;
/** The least gap in any row, one row up and down included. */
const LEAST_GAP = 2;
/** Columns that the ink of neighbours may share, as when the foot of a 4 is below the bar of a 7. */
const MOST_SHARED = 3;

/** Smallest box around the ink, in pixels of the image. */
export interface InkBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How digits are spaced: by their ink, or by the squares of their images. */
export type NumberLayout = "ink" | "squares";

/**
 * Lays digits out side by side.
 * @param images  squares of one side, at least 1
 * @param spacing  added between neighbours, whole pixels of the images; less than 0 moves them together
 * @param shapeOf  an image in its own pixels as it will be drawn
 * @throws ArgumentError
 */
export function setNumber<Image extends GreyImage>(
  images: readonly Image[],
  layout: NumberLayout,
  spacing: number,
  shapeOf: (image: Image) => DrawnDigit = (image) => ({ ...image, left: 0 }),
): Sheet<Image> {
  const side = sideOf(images);
  if (!Number.isInteger(spacing)) {
    throw new ArgumentError(`spacing is a whole number of pixels, found ${spacing}`);
  }
  const edges = images.map((image) => findEdges(shapeOf(image)));
  let left = layout === "ink" ? MARGIN - edges[0]!.left : 0;
  const digits = images.map((image, i) => {
    if (i > 0) left += spacing + (layout === "ink" ? inkDistance(edges[i - 1]!, edges[i]!) : side);
    return { image, left, top: 0 };
  });
  const end = layout === "ink" ? edges.at(-1)!.right + 1 + MARGIN : side;
  return { width: left + end, height: side, side, digits };
}

/** The box around an image's ink; undefined where there is none. */
export function findInk(image: GreyImage): InkBox | undefined {
  const box = boxAround(image, INK_LEVEL);
  return box && { left: box.x, top: box.y, width: box.width, height: box.height };
}

/** First and last column with ink, of the image and of each row; a row without ink has none. */
interface Edges {
  readonly left: number;
  readonly right: number;
  readonly rows: readonly ({ readonly left: number; readonly right: number } | undefined)[];
}

function findEdges({ left: start, width, height, pixels }: DrawnDigit): Edges {
  const rows = Array.from({ length: height }, (_, y) => {
    const row = pixels.subarray(y * width, (y + 1) * width);
    const left = row.findIndex((level) => level >= INK_LEVEL);
    if (left < 0) return undefined;
    return { left: start + left, right: start + row.findLastIndex((level) => level >= INK_LEVEL) };
  });
  const inked = rows.filter((row) => row !== undefined);
  if (inked.length === 0) {
    // A blank image takes the room of a digit that fills MNIST's 20 columns.
    const block = { left: MARGIN, right: height - 1 - MARGIN };
    return { ...block, rows: rows.map(() => block) };
  }
  return {
    left: Math.min(...inked.map((row) => row.left)),
    right: Math.max(...inked.map((row) => row.right)),
    rows,
  };
}

/** The least distance between the left borders of two images that leaves the ground it should. */
function inkDistance(before: Edges, after: Edges): number {
  let distance = before.right + 1 - MOST_SHARED - after.left;
  while (!isApart(before, after, distance)) distance++;
  return distance;
}

function isApart(before: Edges, after: Edges, distance: number): boolean {
  let rows = 0;
  let sum = 0;
  for (let y = 0; y < before.rows.length; y++) {
    const [near, far] = [before.rows[y], after.rows[y]];
    if (!near && !far) continue;
    rows++;
    sum += near && far ? Math.min(WIDEST_GAP, distance + far.left - near.right - 1) : WIDEST_GAP;
    for (const other of [after.rows[y - 1], far, after.rows[y + 1]]) {
      if (near && other && distance + other.left - near.right - 1 < LEAST_GAP) return false;
    }
  }
  return sum >= MEAN_GAP * rows;
}
