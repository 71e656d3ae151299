import { describe, expect, it } from "vitest";
import { type AskedChoices, change, DEFAULTS, readChoices, writeChoices } from "../../page/choices.ts";

const EVERYTHING: AskedChoices = {
  seed: "a, b & c/é 🙂",
  digit: 0,
  model: "mlp@0123456789ab",
  size: 100,
  temperature: 0.35,
  guidance: 0.2,
  slant: -12,
  weight: 1.25,
  format: "svg",
  ink: "ff8800",
  ground: "transparent",
  snippet: "curl",
  newest: true,
  number: "0042",
  place: [-1.25, 0.003],
  dials: [0, -2.5, 1.05],
  to: "1,2",
};

describe("the page's address", () => {
  it("is empty while nothing is chosen, and contains every choice", () => {
    expect(writeChoices(DEFAULTS)).toBe("");
    expect(readChoices("")).toEqual(DEFAULTS);
    expect(readChoices(`?${writeChoices(EVERYTHING)}`)).toEqual(EVERYTHING);
  });

  it("contains only what differs from the defaults", () => {
    expect(writeChoices({ ...DEFAULTS, seed: "otter", digit: 7 })).toBe("seed=otter&digit=7");
  });

  it.each([
    "seed=",
    "seed=%ff",
    `seed=${"x".repeat(129)}`,
    "digit=12",
    "digit=",
    "model=../x",
    "size=9999",
    "size=",
    "temperature=3",
    "guidance=0.6",
    "format=gif",
    "ink=red",
    "ground=%22%3E",
    "snippet=php",
    "number=12a",
    "place=1",
    "place=a,b",
    "dials=1,x",
    "model=mlp@12",
    "newest=false",
    "to=",
    "nothing=known",
  ])("ignores values that no control could have set: %s", (query) => {
    expect(readChoices(query)).toEqual(DEFAULTS);
  });
});

describe("a change of the choices", () => {
  it("takes back what belonged to the model, or to the latent", () => {
    expect(change(EVERYTHING, { model: "mlp" })).toEqual({
      ...EVERYTHING,
      model: "mlp",
      guidance: undefined,
      dials: undefined,
    });
    expect(change(EVERYTHING, { digit: 3 })).toEqual({ ...EVERYTHING, digit: 3, dials: undefined });
    expect(change(EVERYTHING, { ink: "000000" })).toEqual({ ...EVERYTHING, ink: "000000" });
  });
});
