import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { SpecError } from "../../../shared/errors.ts";
import { parameterCount, planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { presets } from "../../../shared/model/presets.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import { ModelSpecSchema, storedSpec } from "../../../shared/model/stored-spec.ts";
import { flowSpec } from "../latent/flow/flow-models.ts";

describe("a preset", () => {
  // Counted in the coursework's PyTorch programs.
  it.each([
    ["mlp", 315_584, 631_188],
    ["cnn", 86_625, 220_385],
  ] as const)("%s has the parameters of its original", (name, decoder, total) => {
    expect(parameterCount(planDecoder(presets[name]))).toBe(decoder);
    expect(parameterCount(planEncoder(presets[name])) + decoder).toBe(total);
  });

  it.each(Object.entries(presets))("%s follows the schema", (_, spec) => {
    expect(v.parse(ModelSpecSchema, spec)).toEqual(spec);
  });
});

describe("a spec as cards store it", () => {
  it.each(Object.entries<ModelSpec>(presets))("of %s is read back", (_, spec) => {
    const stored = storedSpec(spec) as object;
    expect("latentDim" in stored).toBe(spec.latent.kind !== "flow");
    expect(v.parse(ModelSpecSchema, stored)).toEqual(spec);
  });

  it("has a flow in its own form, whose guidance and widths are checked", () => {
    const spec = flowSpec({ dim: 6, width: 16, blocks: 2 });
    expect(storedSpec(spec)).toEqual(spec);
    expect(v.parse(ModelSpecSchema, storedSpec(spec))).toEqual(spec);
    for (const [edit, path] of [
      [{ flow: { version: 1, width: 18, blocks: 2, guidance: 0 } }, "latent.flow.width"],
      [{ flow: { version: 1, width: 16, blocks: 2, guidance: 0.6 } }, "latent.flow.guidance"],
      [{ flow: { version: 2, width: 16, blocks: 2, guidance: 0 } }, "latent.flow.version"],
    ] as const) {
      const { issues } = v.safeParse(ModelSpecSchema, { ...spec, latent: { ...spec.latent, ...edit } });
      expect(v.getDotPath(issues![0])).toBe(path);
    }
  });

  it("is refused if latentDim is not the size of the grid, and by the name of the field if a layer is wrong", () => {
    const stored = storedSpec(presets.vq) as object;
    expect(v.safeParse(ModelSpecSchema, { ...stored, latentDim: 195 }).success).toBe(false);
    const { issues } = v.safeParse(ModelSpecSchema, { ...stored, encoder: [{ kind: "lstm" }] });
    expect(v.getDotPath(issues![0])).toBe("encoder.0.kind");
  });
});

describe("a spec that does not fit together is refused", () => {
  const edited = (edit: Partial<ModelSpec>): ModelSpec => ({ ...presets.cnn, ...edit });
  const dense = { kind: "dense", units: 784, activation: "sigmoid" } as const;

  it.each<[string, ModelSpec, string]>([
    ["dense on an image", edited({ decoder: [...presets.cnn.decoder.slice(0, 2), dense] }), "flatten first"],
    [
      "a reshape to another size",
      edited({ decoder: [dense, { kind: "reshape", shape: [28, 27, 1] }] }),
      "cannot reshape",
    ],
    ["an output of another shape", edited({ decoder: [dense] }), "expected the input's shape"],
    [
      "a sigmoid in the middle",
      edited({ decoder: [dense, ...presets.cnn.decoder] }),
      "and no other, is sigmoid",
    ],
    ["no sigmoid at the end", edited({ decoder: [{ ...dense, activation: "relu" }] }), "is sigmoid"],
  ])("%s", (_, spec, message) => {
    expect(() => planDecoder(spec)).toThrow(SpecError);
    expect(() => planDecoder(spec)).toThrow(message);
  });

  it("a sigmoid in the encoder", () => {
    const encoder = [{ kind: "flatten" as const }, dense];
    expect(() => planEncoder(edited({ encoder }))).toThrow(SpecError);
  });

  it("an unknown kind of layer", () => {
    expect(v.safeParse(ModelSpecSchema, edited({ encoder: [{ kind: "lstm" } as never] })).success).toBe(
      false,
    );
  });
});
