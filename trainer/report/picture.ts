// Pictures of digits inside of the page.

import { type Html, html } from "./html.ts";

/** A PNG of digits, white on black, as an element whose pixels stay sharp at any size. */
export function digitsImage(png: Uint8Array, description: string): Html {
  const data = Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64");
  return html`<img class="digits" alt="${description}" src="data:image/png;base64,${data}">`;
}

/** @param kind  of picture, such as "Samples" */
export function epochFigure(epoch: number, png: Uint8Array, kind: string): Html {
  return html`<figure>${digitsImage(png, `${kind} after epoch ${epoch}`)}<figcaption>Epoch ${epoch}</figcaption></figure>`;
}
