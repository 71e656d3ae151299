// Fitting is floating point, and gives the same bits in Node and workerd.

import { expect, it } from "vitest";
import { murmur3 } from "../../../../shared/arithmetic/random.ts";
import { fitDigit } from "../../../../shared/image/fit/fit-digit.ts";
import type { GreyImage } from "../../../../shared/image/raster.ts";
import { draw, PLAIN } from "../sketch.ts";

const hash = ({ pixels }: GreyImage) => [...murmur3(pixels)].map((word) => (word >>> 0).toString(16)).join();

it("is bit-equal in every engine", () => {
  const pictures = [
    PLAIN,
    { ...PLAIN, pen: 1.2 },
    {
      ...PLAIN,
      noise: 6,
      shade: 0.35,
      ink: [50, 50, 70, 255] as const,
      ground: [170, 165, 160, 255] as const,
    },
    { ...PLAIN, width: 28, height: 28, size: 12, pen: 2 },
    { ...PLAIN, shadow: 0.4, noise: 3, box: [6, 3] as const },
    { ...PLAIN, ink: [60, 90, 220, 255] as const, ground: [96, 96, 96, 255] as const, noise: 6 },
  ];
  expect(pictures.map((sketch) => hash(fitDigit(draw(5, sketch)).image))).toEqual([
    "d58c5e86,9567a1da,92646016,e1425f76",
    "bda570dc,a80ec2d2,a64415eb,bbb54e1e",
    "9a6768ec,46ba3598,d437070f,6014eff2",
    "5a735798,4e319fdc,7508f58a,d5f9af7",
    "fe38687,fd8fe24e,26bf6ce7,fc3f5649",
    "f45180a,d246ca7f,a076e130,fec5b12f",
  ]);
});
