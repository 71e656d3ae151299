// Pieces of the report: numbers as text, and pictures of digits.

import { html } from "hono/html";

export type Html = ReturnType<typeof html>;
/** What a cell may hold; undefined where there is nothing to show. */
export type Content = Html | string | number | undefined;

/** PNG file of one epoch. */
export interface EpochPicture {
  readonly epoch: number;
  readonly png: Uint8Array;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** A PNG of digits, white on black, as an element whose pixels stay sharp at any size. */
export function digitsImage(png: Uint8Array, description: string): Html {
  const data = Buffer.from(png).toString("base64");
  return html`<img class="digits" alt="${description}" src="data:image/png;base64,${data}">`;
}

/** @param kind  of pictures, such as "Samples" */
export function epochFigures(pictures: readonly EpochPicture[], kind: string): Html {
  return html`<div class="epochs">${pictures.map(
    ({ epoch, png }) => html`<figure>${digitsImage(png, `${kind} after epoch ${epoch}`)}
      <figcaption>Epoch ${epoch}</figcaption></figure>`,
  )}</div>`;
}
