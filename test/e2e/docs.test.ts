// What the documents say to run exists: scripts, options, files and headings.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { flagOf } from "../../trainer/options.ts";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync("docs")
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
  ".github/workflows/release.yml",
];
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

function runNode(...args: string[]): string {
  return execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    encoding: "utf8",
  });
}

/** Options of the commands of trainer/main.ts, from one process: importing TensorFlow.js takes a while. */
const trainerOptions: Record<string, string[]> = (() => {
  const names = Object.values(scripts).flatMap(
    (script) => script.match(/trainer\/main\.ts (\S+)$/)?.[1] ?? [],
  );
  const program = `
    const options = {};
    for (const name of ${JSON.stringify(names)}) {
      const [first, second = ""] = name.split(":");
      const file = second ? first + "-" + second : first;
      const exported = first + second.charAt(0).toUpperCase() + second.slice(1) + "Command";
      options[name] = Object.keys((await import("./trainer/commands/" + file + ".ts"))[exported].fields);
    }
    console.log(JSON.stringify(options));`;
  const fields: Record<string, string[]> = JSON.parse(runNode("--input-type=module", "--eval", program));
  return Object.fromEntries(Object.entries(fields).map(([name, of]) => [name, [...of.map(flagOf), "help"]]));
})();

const helpOptions = new Map<string, string[]>();

/** The options that an npm script takes; none where it is no program of ours. */
function optionsOf(script: string): string[] {
  const [, program, name] = scripts[script]!.match(/(\S+\.[tj]s)(?: (\S+))?$/) ?? [];
  if (!program) return [];
  if (program === "trainer/main.ts") return trainerOptions[name!]!;
  if (!helpOptions.has(script)) {
    const flags = runNode(program, "--help").matchAll(/^ {2}--([a-z][a-z-]*)/gm);
    helpOptions.set(
      script,
      Array.from(flags, ([, flag]) => flag!),
    );
  }
  return helpOptions.get(script)!;
}

/** Commands as they stand in code: up to the end of the line, a comment, a closing quote or another command. */
function commandsIn(text: string): { script: string; args: string }[] {
  const found = text.matchAll(/npm (?:run ([a-z:]+)|(start|test))((?: --)?[^\n`#;&|)]*)/g);
  return [...found].map(([, script, short, args]) => ({ script: script ?? short!, args: args! }));
}

describe.each(documents)("%s", (document) => {
  const text = readFileSync(document, "utf8");

  it("names npm scripts that exist, with options that they have", { tags: ["slow"] }, () => {
    for (const { script, args } of commandsIn(text)) {
      expect(Object.keys(scripts), `npm run ${script}`).toContain(script);
      for (const [, option] of args.matchAll(/--([a-z][a-z-]*)/g)) {
        expect(optionsOf(script), `npm run ${script}${args}`).toContain(option);
      }
    }
  });

  it("links to files and headings that exist", () => {
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [file, heading] = target!.split("#");
      const path = file ? join(dirname(document), file) : document;
      expect(existsSync(path), `${document} links to ${path}`).toBe(true);
      if (!heading) continue;
      const anchors = [...readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .replace(/\s/g, "-"),
      );
      expect(anchors, `${document} links to ${target}`).toContain(heading);
    }
  });
});

describe("the operations guide", () => {
  it("shows every command that reaches the bucket", () => {
    const shown = commandsIn(readFileSync("docs/operations.md", "utf8")).map(({ script }) => script);
    const remote = Object.keys(trainerOptions).filter((name) => trainerOptions[name]!.includes("remote"));
    expect(remote.length).toBeGreaterThan(3);
    expect(shown).toEqual(expect.arrayContaining(["deploy", ...remote]));
  });
});
