// What requests cost by the Worker's computation: everything documented stays within the default budget.

import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import {
  ALLOWED,
  computeCost,
  EXAMPLES,
  LARGEST,
  LARGEST_PLANES,
  withModel,
} from "../../scripts/bench/requests.ts";
import { multiplyAdds } from "../../shared/model/multiply-adds.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import { presets } from "../../shared/model/presets.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { listReleaseFolders, readReleaseFolder } from "../../trainer/publish/publish.ts";
import { BudgetSetting } from "../../worker/api/budget.ts";
import { costOf, UNIT_MULTIPLY_ADDS } from "../../worker/api/cost.ts";

let budget: number;
/** The bundled models, the default one under "" too, and `vq`. */
let specs: Map<string, ModelSpec>;
beforeAll(async () => {
  budget = Number((await readFile("wrangler.toml", "utf8")).match(/^BUDGET = (\d+)$/m)![1]);
  const releases = await Promise.all((await listReleaseFolders("models")).map(readReleaseFolder));
  specs = new Map(releases.map(({ card }) => [card.name, card.spec]));
  specs.set("vq", presets.vq);
  specs.set("", specs.get((await readFile("models/default.txt", "utf8")).trim())!);
});

describe("the default budget allows", () => {
  it("every documented example", () => {
    expect(EXAMPLES.length).toBeGreaterThan(15);
    for (const address of EXAMPLES) expect(computeCost(address, specs), address).toBeLessThanOrEqual(budget);
  });

  it("pictures of 512 pixels, numbers of ten digits, default grids and walks of every bundled model and vq", () => {
    for (const name of specs.keys()) {
      for (const address of ALLOWED) {
        const own = name === "" ? address : withModel(address, name);
        expect(computeCost(own, specs), own).toBeLessThanOrEqual(budget);
      }
    }
  });

  it("the largest request of every route, except by a model that draws code by code", () => {
    const all = new Map([
      ...specs,
      ...(["cnn", "mlp", "flow"] as const).map((name) => [name, presets[name]] as const),
    ]);
    for (const [name, spec] of all) {
      if (spec.latent.kind === "codes") continue;
      for (const address of LARGEST) {
        const own = name === "" ? address : withModel(address, name);
        expect(computeCost(own, all), own).toBeLessThanOrEqual(budget);
      }
    }
    for (const address of LARGEST_PLANES) expect(computeCost(address, all)).toBeLessThanOrEqual(budget);
  });

  it("uploads of 512 x 512 pixels in RGBA", () => {
    for (const [name, spec] of [...specs, ["flow", presets.flow] as const]) {
      const upload = { pixels: 512 * 512, bytesPerPixel: 4 };
      for (const size of [28, 362]) {
        const work = { draws: 0, digits: 2, size, format: "png", upload } as const;
        // A flow also looks for the noise of a picture, in /encode.
        if (spec.latent.kind === "flow" && size > 28) continue;
        expect(costOf(spec, work), name).toBeLessThanOrEqual(budget);
      }
    }
  });
});

describe("a cost", () => {
  it("is 1 for the arithmetic of one cnn digit", () => {
    expect(UNIT_MULTIPLY_ADDS).toBe(multiplyAdds(planDecoder(presets.cnn)));
  });

  it("of 64 digits drawn code by code is beyond the default budget, of 36 within it", () => {
    expect(computeCost("/grid?rows=8&cols=8&model=vq", specs)).toBeGreaterThan(budget);
    expect(computeCost("/grid?model=vq", specs)).toBeGreaterThan(budget / 2);
  });

  it("grows with digits, pixels and the model's layers", () => {
    const of = (address: string) => computeCost(address, specs);
    expect(of("/grid?rows=2")).toBeGreaterThan(of("/grid?rows=1"));
    expect(of("/sample?size=200")).toBeGreaterThan(of("/sample?size=100"));
    expect(of("/sample?size=200&format=svg")).toBe(of("/sample?format=svg"));
    expect(of("/sample?model=vq")).toBeGreaterThan(of("/sample?model=cnn"));
    expect(of("/sample?model=cnn")).toBeGreaterThan(of("/sample?model=mlp"));
    expect(of("/interpolate?from=a&to=b&steps=9")).toBeGreaterThan(of("/interpolate?from=a&to=b&steps=8"));
  });
});

describe("the setting BUDGET", () => {
  it.each([
    [420, 420],
    ["170", 170],
    ["none", Number.POSITIVE_INFINITY],
  ])("may be %s", (setting, most) => {
    expect(v.parse(BudgetSetting, setting)).toBe(most);
  });

  it.each(["", "0", "9", "-5", "many", "1e9", 42.5, "0x20 "])('may not be "%s"', (setting) => {
    expect(() => v.parse(BudgetSetting, setting)).toThrow(
      'BUDGET must be a whole number from 10 to 999999, or "none"',
    );
  });
});
