// A figure of the report: what the page shows and `--figures` writes into files.

import { html, raw } from "hono/html";
import { encodePng } from "../../shared/image/png.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { digitsImage, type Html } from "./elements.ts";

export interface Figure {
  /** Of its files, such as "traversals". */
  readonly name: string;
  readonly title: string;
  readonly pictures: readonly Picture[];
  /** What the axes or rows are, with units, and in its last sentence what to see. */
  readonly caption: string;
}

export type Picture = PlotPicture | DigitsPicture;

export interface PlotPicture {
  /** The text of an SVG element with an aria-label. */
  readonly svg: string;
}

export interface DigitsPicture {
  readonly png: Uint8Array;
  /** For those who see no picture. */
  readonly alt: string;
  /** Of its rows, if they are told apart. */
  readonly rows?: readonly string[];
}

/** Digits in rows, white on black. */
export function digitsPicture(
  images: readonly GreyImage[],
  columns: number,
  texts: Omit<DigitsPicture, "png">,
): DigitsPicture {
  return { png: encodePng(tileImages(images, columns)), ...texts };
}

/** Images in [0, 1], float32 [n, 28, 28], flat, as grey ones. */
export function greyImages(images: Float32Array, side = 28): GreyImage[] {
  return Array.from({ length: images.length / side ** 2 }, (_, i) => ({
    width: side,
    height: side,
    pixels: Uint8Array.from(images.subarray(i * side ** 2, (i + 1) * side ** 2), (level) =>
      Math.round(255 * level),
    ),
  }));
}

export function figureElement({ title, pictures, caption }: Figure): Html {
  return html`<h4>${title}</h4>
    <figure class="anatomy">
      <div class="${pictures.length > 1 ? "side-by-side" : ""}">${pictures.map(pictureElement)}</div>
      <figcaption>${caption}</figcaption>
    </figure>`;
}

function pictureElement(picture: Picture): Html {
  if ("svg" in picture) return html`<div>${raw(picture.svg)}</div>`;
  const { png, alt, rows } = picture;
  if (!rows) return html`<div>${digitsImage(png, alt)}</div>`;
  return html`<div class="labelled"><ol>${rows.map((row) => html`<li>${row}</li>`)}</ol>${digitsImage(png, alt)}</div>`;
}
