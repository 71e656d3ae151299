// The promise of picture format 2: the bits of test/vectors/picture-2.json, in Node and in workerd alike; in a browser in
// test/browser/scheme.test.ts.

import { expect, it } from "vitest";
import kernels from "../../../../build/decode-kernels.wasm";
import { hashOf } from "../../../vectors/frozen.ts";
import { computeInk, drawingOf, inkDecoders, inkDigits } from "../../../vectors/frozen-ink.ts";
import frozen from "../../../vectors/picture-2.json" with { type: "json" };
import { inkReference } from "./fields.ts";

it("picture format 2 gives the frozen fields, levels, pixels and outlines, by the kernels", () => {
  const { scheme: _, ...expected } = frozen;
  expect(computeInk(kernels)).toEqual(expected);
});

it.each(inkDecoders)("picture format 2 gives the frozen pixels of $name, by the reference", (decoder) => {
  const { pixels } = frozen.decoders.find(({ model }) => model === decoder.name)!;
  // Sizes up to 280 pixels.
  const drawn = inkDigits(kernels, decoder)
    .slice(0, 5)
    .map((digit, i) => {
      const { size, hand } = drawingOf(i);
      return hashOf(inkReference(digit, size, hand).pixels);
    });
  expect(drawn).toEqual(pixels.slice(0, 5));
});
