import { execFileSync } from "node:child_process";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { type Command, helpOf, parseCommand } from "../../../trainer/commands/command-line.ts";
import { evaluateCommand } from "../../../trainer/commands/evaluate.ts";
import { releaseCommand } from "../../../trainer/commands/release.ts";
import { reportCommand } from "../../../trainer/commands/report.ts";
import { trainCommand } from "../../../trainer/commands/train.ts";
import { UsageError } from "../../../trainer/errors.ts";

describe("the options of npm run train", () => {
  const parse = (...args: string[]) => parseCommand(trainCommand, args).options;

  it("default to the coursework's settings", () => {
    expect(parse("--preset", "mlp").values).toMatchObject({
      preset: "mlp",
      epochs: 20,
      batchSize: 128,
      learningRate: 1e-3,
      backend: "auto",
      resume: false,
    });
  });

  it("say which were given", () => {
    expect([...parse("--seed", "7", "--resume").given]).toEqual(["seed", "resume"]);
  });

  it.each([
    [["--epoch", "3"], "--epoch"],
    [["--preset", "gan"], "--preset"],
    [["--epochs", "0"], "--epochs"],
    [["--epochs", "many"], "--epochs"],
    [["--epochs", "2.5"], "--epochs"],
    [["--epochs", ""], "--epochs"],
    [["--learning-rate", "-1"], "--learning-rate"],
    [["--batch-size"], "--batch-size"],
    [["--backend", "tpu"], "--backend"],
    [["--limit", "1"], "--limit"],
    [["--seed", ""], "--seed"],
    [["--resume=maybe"], "--resume"],
    [["cnn"], "cnn"],
  ])("refuse %j by name", (args, named) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(named);
    expect(() => parse(...args)).toThrow("--help");
  });
});

describe("a refused value", () => {
  it.each([
    [["--codebook-size", "6"], "a whole number (at least 4, at most 1024, a multiple of 4), found 6"],
    [["--epochs", "2.5"], "a whole number (at least 1, at most 10000), found 2.5"],
    [["--learning-rate", "0"], "a number (above 0, at most 1), found 0"],
    [["--latent", "many"], 'a whole number (at least 1, at most 512), found "many"'],
    [["--schedule", "linear"], 'one of constant, cosine, one-cycle, found "linear"'],
    [["--hidden", "9-"], 'widths such as 512-256, found "9-"'],
    [["--seed", "x".repeat(65)], "text (at most 64 characters), found"],
    [["--out", ""], 'a value, found ""'],
  ])("%j is told with what was expected", (args, expected) => {
    expect(() => parseCommand(trainCommand, args)).toThrow(`${args[0]}: expected ${expected}`);
  });

  it("that begins with a dash is told with how to give it", () => {
    expect(() => parseCommand(trainCommand, ["--beta", "-1"])).toThrow(
      /is ambiguous; to specify .*'--beta=-XYZ'; see/,
    );
  });

  it("may be an argument that is empty, which would be the current folder", () => {
    expect(() => parseCommand(evaluateCommand, [""])).toThrow("RUN_OR_RELEASE; found an empty one");
  });
});

describe("the runs of npm run report", () => {
  it("are one or more", () => {
    expect(parseCommand(reportCommand, ["runs/a", "runs/b"]).positionals).toEqual(["runs/a", "runs/b"]);
    expect(() => parseCommand(reportCommand, [])).toThrow(/RUN\.\.\..*found: none/);
  });

  it("do not affect the number of arguments of other commands", () => {
    expect(() => parseCommand(releaseCommand, ["runs/a", "runs/b"])).toThrow(UsageError);
  });
});

describe("--help", () => {
  it.each([trainCommand, evaluateCommand, reportCommand, releaseCommand])(
    "of $name explains every option, with choices and defaults",
    (command: Command) => {
      const help = helpOf(command);
      for (const [key, field] of Object.entries(command.fields)) {
        expect(v.getDescription(field), key).toBeTruthy();
        expect(help).toContain(v.getDescription(field)!);
      }
      expect(help).toContain("npm run");
      expect(help).toMatch(/Exit codes: 0 .*, 1 .*, 2 /);
    },
  );

  it("of all commands together has a line for each command, and one for what it does", () => {
    const args = ["--disable-warning=ExperimentalWarning", "trainer/main.ts", "--help"];
    const [title, ...lines] = execFileSync(process.execPath, args, { encoding: "utf8" })
      .trimEnd()
      .split("\n");
    expect(title).toBe("Commands:");
    const list = lines.slice(0, -2);
    expect(list.filter((_, i) => i % 2 === 0).every((line) => /^ {2}npm run \S/.test(line))).toBe(true);
    expect(list.filter((_, i) => i % 2 === 1).every((line) => /^ {6}[A-Z]\S+ .*\.$/.test(line))).toBe(true);
  });

  it("of train names the presets and the seed's defaults", () => {
    expect(helpOf(trainCommand)).toMatch(/--preset TEXT.*one of mlp, cnn, .*smoke; default cnn/);
    expect(helpOf(trainCommand)).toMatch(/--batch-size NUMBER.*default 128/);
  });
});
