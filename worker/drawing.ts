// From the drawing parameters of a query to the image encoders of shared/image/.

import { parseBackground, parseColour, type Style } from "../shared/image/colour.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { InvalidParameterError } from "./problems.ts";

export interface Drawing {
  /** Side of a digit, pixels. */
  readonly size: number;
  readonly fg: string;
  readonly bg: string;
}

export const CONTENT_TYPES = {
  png: "image/png",
  apng: "image/apng",
  svg: "image/svg+xml",
  json: "application/json",
} as const;

/** At most as many pixels in all as one picture of the largest size has, so that cost is bounded before work starts. */
const MAX_PIXELS = MAX_SIZE * MAX_SIZE;

export function styleOf({ fg, bg }: Drawing): Style {
  return { foreground: parseColour(fg), background: parseBackground(bg) };
}

/**
 * Refuses a picture of too many pixels, before anything is drawn.
 * @throws InvalidParameterError naming the size that is too large
 */
export function checkPixels(count: number, { size }: Drawing): void {
  if (count * size * size <= MAX_PIXELS) return;
  const most = Math.floor(Math.sqrt(MAX_PIXELS / count));
  throw new InvalidParameterError(
    "size",
    `parameter "size": ${count} digits of ${size} pixels are too many; at most ${most} with so many digits`,
  );
}

/**
 * Refuses colours where the format has none.
 * @throws InvalidParameterError
 */
export function checkColours(format: string, { fg, bg }: Drawing): void {
  if (format !== "json" || (fg === "ffffff" && bg === "000000")) return;
  const name = fg === "ffffff" ? "bg" : "fg";
  throw new InvalidParameterError(
    name,
    `parameter "${name}": format=json holds grey levels and has no colours`,
  );
}
