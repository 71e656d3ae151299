// Names of files and code around a picture's address.

import { describe, expect, it } from "vitest";
import { type Choices, DEFAULTS, SNIPPETS } from "../../page/choices.ts";
import { fileName, writeSnippet } from "../../page/snippets.ts";

const ORIGIN = "https://digits.example";

describe("a file's name", () => {
  it("has the word's letters and digits, and tells words apart that have none", () => {
    expect(fileName("São João 3")).toBe("digit-São-João-3");
    expect(fileName("../etc")).toBe("digit-etc");
    const names = ["🙂", "😀", "#&%+", " "].map(fileName);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^digit-[0-9a-f-]+$/);
  });
});

describe("snippets", () => {
  const choices = { ...DEFAULTS, seed: `a"b](c)'<d>`, to: "x" } as Choices;

  it.each(SNIPPETS)("as %s quote what has a meaning there", (snippet) => {
    const text = writeSnippet({ ...choices, snippet }, ORIGIN, `The digit of “a"b](c)'<d>”`);
    const markdown = /^!\[((?:[^\]\\]|\\.)*)\]\(([^)\s]+)\)$/.exec(text)?.[2];
    const found = snippet === "markdown" ? markdown : /https:\/\/digits\.example[^\s"'}]*/.exec(text)?.[0];
    const url = new URL(found!.replaceAll("&amp;", "&"));
    const seed =
      snippet === "client" ? /seed: (".*"),/.exec(text)![1]! : JSON.stringify(url.searchParams.get("seed"));
    expect(JSON.parse(seed)).toBe(choices.seed);
  });
});
