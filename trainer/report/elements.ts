// Pieces of the report: tables, and pictures of digits.

import { html } from "hono/html";

export type Html = ReturnType<typeof html>;
/** What a cell may hold; undefined where there is nothing to show. */
export type Content = Html | string | number | undefined;

/** PNG file of one epoch. */
export interface EpochPicture {
  readonly epoch: number;
  readonly png: Uint8Array;
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

/** A table with a row under each title; a cell without content is a dash. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly [title: string, ...cells: Content[]])[],
): Html {
  return html`<div class="wide"><table>
      <caption>${caption}</caption>
      <thead><tr><th></th>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
      <tbody>${rows.map(
        ([title, ...cells]) =>
          html`<tr><th scope="row">${title}</th>${cells.map((cell) => html`<td>${cell ?? "\u2013"}</td>`)}</tr>`,
      )}</tbody>
    </table></div>`;
}
