// Straight lines between the latents of test images.

import { walkLatents } from "../../../shared/latent/walk.ts";
import { encodeImages } from "../../latent/points.ts";
import { digitsPicture, type Figure, greyImages } from "../figure.ts";
import type { DissectedRun } from "../reported-run.ts";

const STEPS = 9;

/** A row for two classes each, by the first image of either. */
export function interpolationsFigure({ config, tensors, latent, decoder, images }: DissectedRun): Figure {
  const { labels } = images.test;
  const classes = [...new Set(labels)].toSorted((a, b) => a - b);
  const half = classes.length >> 1;
  const pairs = classes.slice(0, Math.max(1, half)).map((first, i) => [first, classes[i + half]!] as const);
  const pixels = images.test.images.length / labels.length;
  const imageOf = (digit: number) => {
    const at = labels.indexOf(digit) * pixels;
    return { images: images.test.images.slice(at, at + pixels), labels: Uint8Array.of(digit) };
  };
  const rows = pairs.flatMap(([a, b]) => {
    const ends = [imageOf(a), imageOf(b)] as const;
    const points = ends.map((image) => encodeImages(config.spec, tensors, latent.encode, image)[0]!.latent);
    const between = decoder.images(walkLatents(points, { steps: STEPS, path: "lerp" }));
    return [...greyImages(ends[0].images), ...between, ...greyImages(ends[1].images)];
  });
  const picture = digitsPicture(rows, STEPS + 2, {
    alt: `Interpolations between test images of ${pairs.map(([a, b]) => `${a} and ${b}`).join(", ")}`,
    rows: pairs.map(([a]) => String(a)),
  });
  return {
    name: "interpolations",
    title: "Interpolations between test images",
    pictures: [picture],
    caption:
      `The first and the last column are test images; between them ${STEPS} latents at equal distances on the straight line from ` +
      "one to the other, decoded, reconstructions included. Where the middle of a row is no digit, the line leaves the region that images fill.",
  };
}
