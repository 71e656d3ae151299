// Figures of a report, and whether each explains itself.

import { expect } from "vitest";

export const figuresOf = (document: Document) => [...document.querySelectorAll("figure.anatomy")];
/** Labels of the x axis, then of the y axis. */
export const axesOf = (svg: Element) =>
  [...svg.querySelectorAll("g")]
    .filter((g) => /^[xy]-axis label$/.test(g.getAttribute("aria-label") ?? ""))
    .toSorted((a, b) => (a.getAttribute("aria-label")! < b.getAttribute("aria-label")! ? -1 : 1))
    .map((g) => g.textContent.replace(/[\u2190-\u2193\s]+/g, " ").trim());

/** Labelled axes, a caption in sentences, and a text for those who see no picture. */
export function expectExplained(figure: Element): void {
  const caption = figure.querySelector("figcaption")!.textContent;
  expect(caption).toMatch(/^[A-Z].{80,}\.$/s);
  const pictures = [...figure.querySelectorAll("img, svg[aria-label]")];
  expect(pictures.length).toBeGreaterThan(0);
  for (const picture of pictures) {
    const text = picture.getAttribute("alt") ?? picture.getAttribute("aria-label");
    expect(text).toMatch(/\w+ \w+/);
    if (picture.localName !== "svg") continue;
    for (const label of axesOf(picture))
      expect(label).toMatch(/nats|bits|%|distance|dimension|digit=|as|code|grid/i);
    expect(axesOf(picture).length).toBeGreaterThan(0);
  }
  expect(figure.textContent).not.toMatch(/NaN|undefined|Infinity/);
}
