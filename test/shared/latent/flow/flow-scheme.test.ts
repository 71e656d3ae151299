// The promise of scheme f1: the bits of test/vectors/f1.json, in Node and in workerd alike, by kernels and reference.

import { describe, expect, it } from "vitest";
import kernels from "../../../../build/decode-kernels.wasm";
import { FLOW_SCHEME } from "../../../../shared/latent/flow/latent.ts";
import { referenceFlowDraw } from "../../../../shared/latent/flow/reference.ts";
import { dequantize } from "../../../../shared/model/weights.ts";
import frozen from "../../../vectors/f1.json" with { type: "json" };
import { hashOf } from "../../../vectors/frozen.ts";
import { choices, computeFlow, flowSeeds, spec, weights } from "../../../vectors/frozen-flow.ts";

describe(`scheme ${FLOW_SCHEME} gives the frozen`, () => {
  it("latents, digits, pixels, walk and way back of 200 seeds", () => {
    expect(frozen.scheme).toBe(FLOW_SCHEME);
    expect(flowSeeds).toHaveLength(200);
    const { scheme: _, ...expected } = frozen;
    expect(computeFlow(kernels)).toEqual(expected);
  });

  it("latents by the reference too", () => {
    const values = new Map([...weights].map(([name, tensor]) => [name, dequantize(tensor)]));
    const latents = choices.map((choice) =>
      flowSeeds.map((seed) => hashOf(referenceFlowDraw(spec, values, seed, choice))),
    );
    expect(latents).toEqual(frozen.latents);
  });
});
