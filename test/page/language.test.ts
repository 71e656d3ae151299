import { describe, expect, it } from "vitest";
import { pickLanguage } from "../../page/language.ts";
import { en } from "../../page/texts/en.ts";
import { ptBr } from "../../page/texts/pt-br.ts";

describe("the page speaks", () => {
  it.each([
    ["/", null, ["pt-BR", "en"], "pt-BR"],
    ["/", null, ["pt-PT"], "pt-BR"],
    ["/", null, ["de", "pt"], "pt-BR"],
    ["/", null, ["en-GB", "pt"], "en"],
    ["/", null, ["ja"], "en"],
    ["/", "en", ["pt-BR"], "en"],
    ["/", "klingon", ["pt-BR"], "pt-BR"],
    ["/pt-br", "en", ["en"], "pt-BR"],
  ] as const)("at %s, with %s chosen and a browser of %j: %s", (path, chosen, preferred, expected) => {
    expect(pickLanguage(path, chosen, preferred)).toBe(expected);
  });

  it("no English when it speaks Portuguese: every text differs", () => {
    const flat = (texts: object, path = ""): [string, unknown][] =>
      Object.entries(texts).flatMap(([name, text]) =>
        typeof text === "object" && !Array.isArray(text)
          ? flat(text, `${path}${name}.`)
          : [[`${path}${name}`, text]],
      );
    const english = new Map(flat(en));
    const same = flat(ptBr).filter(([name, text]) => typeof text === "string" && english.get(name) === text);
    const international = [
      "nav.api",
      "take.kinds.img",
      "take.kinds.markdown",
      "take.kinds.react",
      "take.kinds.curl",
    ];
    international.push("take.kinds.fetch", "take.kinds.client", "footer.openapi");
    expect(same.map(([name]) => name).filter((name) => !international.includes(name))).toEqual([]);
    expect(flat(ptBr).map(([name]) => name)).toEqual([...english.keys()]);
  });
});
