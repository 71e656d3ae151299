// What the documents tell one to run exists: scripts, options and files.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { flagOf } from "../../trainer/commands/command-line.ts";

const documents = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync("docs")
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
  ".github/workflows/release.yml",
];
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

/** Options of all commands of the trainer, from one process: importing TensorFlow.js takes a while. */
const trainerOptions: Record<string, string[]> = (() => {
  const names = readdirSync("trainer/commands").map((file) => file.replace(/\.ts$/, ""));
  const program = `
    const { flagOf } = await import("./trainer/commands/command-line.ts");
    const options = {};
    for (const name of ${JSON.stringify(names)}) {
      const { fields } = (await import("./trainer/commands/" + name + ".ts"))[name + "Command"] ?? {};
      options[name] = Object.keys(fields ?? {}).map(flagOf);
    }
    console.log(JSON.stringify(options));`;
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, node, { encoding: "utf8" }));
})();

/** The options that an npm script takes; undefined where there is no program of ours. */
function optionsOf(script: string): string[] | undefined {
  const [, program, name] = scripts[script]!.match(/(\S+\.ts)(?: (\S+))?$/) ?? [];
  if (!program) return undefined;
  if (program === "trainer/main.ts") return [...trainerOptions[name!]!, "help"];
  const text = readFileSync(program, "utf8");
  const fields = [...text.matchAll(/^\s+(\w+): v\.pipe\(/gm)].map(([, field]) => flagOf(field!));
  const literal = [...text.matchAll(/"--([a-z-]+)"/g)].map(([, flag]) => flag!);
  return [...fields, ...literal, "help"];
}

/** Commands as they stand in code: up to the end of the line, a comment, a closing quote or another command. */
function commandsIn(text: string): { script: string; args: string }[] {
  const found = text.matchAll(/npm (?:run ([a-z:]+)|(start|test))((?: --)?[^\n`#;&|)]*)/g);
  return [...found].map(([, script, short, args]) => ({ script: script ?? short!, args: args! }));
}

describe.each(documents)("%s", (document) => {
  const text = readFileSync(document, "utf8");

  it("names npm scripts that exist, with options that they have", () => {
    for (const { script, args } of commandsIn(text)) {
      expect(Object.keys(scripts), `npm run ${script}`).toContain(script);
      const options = optionsOf(script);
      for (const [, option] of args.matchAll(/--([a-z][a-z-]*)/g)) {
        expect(options, `npm run ${script}${args}`).toContain(option);
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
    const shown = new Set(commandsIn(readFileSync("docs/operations.md", "utf8")).map(({ script }) => script));
    const remote = Object.entries(trainerOptions).filter(([, options]) => options.includes("remote"));
    expect(remote.length).toBeGreaterThan(3);
    expect([...shown]).toEqual(expect.arrayContaining(["deploy", ...remote.map(([name]) => name)]));
  });
});
