import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { createConditionalLatent } from "../../../shared/latent/conditional/latent.ts";
import { planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { changeSpec } from "../../../shared/model/presets.ts";
import { ModelSpecSchema, storedSpec } from "../../../shared/model/stored-spec.ts";

const DIM = 3;
const latent = createConditionalLatent(DIM);
const digitOf = (values: Float32Array) => [...values.subarray(DIM)];

describe("the latent of a conditional VAE", () => {
  it("is the same z for every digit that a seed is asked for, beside the digit", () => {
    const [two, nine] = [2, 9].map((digit) => latent.draw("a", { digit }));
    expect(two!.latent.subarray(0, DIM)).toEqual(nine!.latent.subarray(0, DIM));
    expect(digitOf(two!.latent)).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    const drawn = new Set(Array.from({ length: 200 }, (_, i) => latent.draw(String(i), {}).digit));
    expect(drawn.size).toBe(10);
    const still = latent.draw("a", { digit: 2, temperature: 0 }).latent.subarray(0, DIM);
    expect(still.every((value) => value === 0)).toBe(true);
  });

  it("walks from digit to digit in a straight line", () => {
    const walk = latent.walk([latent.draw("a", { digit: 2 }), latent.draw("b", { digit: 9 })], { steps: 3 });
    expect(digitOf(walk[1]!.latent)).toEqual([0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0.5]);
    expect(walk[2]!.latent).toEqual(latent.draw("b", { digit: 9 }).latent);
  });

  it("is read from the encoder's heads of the digit, which it has to be told", () => {
    const outputs = Float32Array.from({ length: 10 * 2 * DIM }, (_, i) => i);
    const { latent: found, numbers } = latent.encode(outputs, 4);
    expect([...found]).toEqual([24, 25, 26, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    expect([...(numbers.logVar as Float32Array)]).toEqual([27, 28, 29]);
    expect(() => latent.encode(outputs)).toThrow("the encoder of a conditional VAE needs the digit");
  });

  it("makes the decoder's input longer by the digit, and survives being stored", () => {
    const spec = { ...changeSpec("mlp", {}), latent: { kind: "conditional", dim: DIM } as const };
    expect(planDecoder(spec)[0]!.input).toEqual([1, 1, DIM + 10]);
    expect(planEncoder(spec).at(-1)!.output).toEqual([1, 1, 10 * 2 * DIM]);
    expect(v.parse(ModelSpecSchema, JSON.parse(JSON.stringify(storedSpec(spec))))).toEqual(spec);
  });
});
