// Runs by each objective, through the command.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type Command, parseCommand } from "../../../trainer/commands/command-line.ts";
import { evaluateCommand } from "../../../trainer/commands/evaluate.ts";
import { releaseCommand } from "../../../trainer/commands/release.ts";
import { reportCommand } from "../../../trainer/commands/report.ts";
import { trainCommand } from "../../../trainer/commands/train.ts";
import { BackendError, GateError, UsageError } from "../../../trainer/errors.ts";
import { readEvaluation } from "../../../trainer/evaluate/evaluation.ts";
import { objectiveNames } from "../../../trainer/objectives/objectives.ts";
import { readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { readConfig } from "../../../trainer/train/run-folder.ts";
import { temporaryFolder } from "../../folder.ts";
import { DATA } from "../smoke-run.ts";

const SMALL = ["--backend", "wasm", "--limit", "200", "--batch-size", "32", ...DATA];

async function runTrain(...args: string[]): Promise<void> {
  const { options, positionals } = parseCommand(trainCommand, args);
  await trainCommand.run(options, positionals);
}
/** All but the default and what only differs from it in an option. */
const OTHERS = objectiveNames.filter((name) => !["vae", "beta-vae"].includes(name));
const resultOf = async (folder: string) => {
  const { tensors, history } = await readCheckpoint(join(folder, "checkpoint.bin"));
  return { tensors, history: history.map(({ seconds: _, ...losses }) => losses) };
};

beforeAll(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

describe("a run by an objective", () => {
  it.each(OTHERS)("%s learns, and when resumed ends with the same bits", async (objective) => {
    const [whole, broken] = [await temporaryFolder(), await temporaryFolder()];
    const run = (folder: string, epochs: number) =>
      runTrain(
        ...["--preset", "smoke", ...SMALL, "--objective", objective, "--out", folder],
        ...["--epochs", String(epochs)],
      );
    await run(whole, 2);
    await run(broken, 1);
    await runTrain("--resume", "--epochs", "2", "--out", broken);
    const result = await resultOf(whole);
    expect(await resultOf(broken)).toEqual(result);
    expect((await readConfig(whole)).objective).toBe(objective);
    const [first, last] = result.history.map(({ validation }) => validation.reconstruction);
    expect(last).toBeLessThan(first! - 5);
  });

  it("vae ends with the bits of beta-vae, the default, at beta 1", async () => {
    const [one, other] = [await temporaryFolder(), await temporaryFolder()];
    await runTrain("--preset", "smoke", ...SMALL, "--epochs", "1", "--objective", "vae", "--out", one);
    await runTrain("--preset", "smoke", ...SMALL, "--epochs", "1", "--out", other);
    expect(await resultOf(one)).toEqual(await resultOf(other));
  });

  it("rae keeps log-variances at 0, so its encoder has none", async () => {
    const out = await temporaryFolder();
    await runTrain("--preset", "smoke", ...SMALL, "--epochs", "1", "--objective", "rae", "--out", out);
    const { tensors } = await resultOf(out);
    const bias = [...tensors].findLast(([name]) => /^encoder_\d+\/bias$/.test(name))![1];
    const [means, logVars] = [bias.subarray(0, bias.length / 2), bias.subarray(bias.length / 2)];
    expect(means.every((value) => value !== 0)).toBe(true);
    expect(logVars.every((value) => value === 0)).toBe(true);
  });

  it("cvae is evaluated and reported, and not released", { tags: ["slow"] }, async () => {
    const out = await temporaryFolder();
    await runTrain(
      ...["--preset", "smoke", ...SMALL, "--epochs", "2", "--binarise", "--objective", "cvae", "--out", out],
    );
    const run = async (command: Command, ...args: string[]) => {
      const { options, positionals } = parseCommand(command, args);
      await command.run(options, positionals);
    };
    await run(evaluateCommand, out, "--samples", "5");
    const evaluation = await readEvaluation(out);
    const { loss, figures } = evaluation!.float!;
    expect(loss.total).toBeCloseTo(evaluation!.quantized.loss.total, 0);
    const nll = figures.find(({ name }) => name.startsWith("NLL"))!.value;
    expect(nll).toBeLessThan(loss.total);
    await run(reportCommand, out, "--out", join(out, "report.html"));
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("from N(0, I), given the digit");
    const release = run(releaseCommand, out);
    await expect(release).rejects.toThrow(GateError);
    await expect(release).rejects.toThrow(/not served: its encoder needs the digit/);
  });

  it("rae has no likelihood, but a loss without noise", { tags: ["slow"] }, async () => {
    const out = await temporaryFolder();
    await runTrain("--preset", "smoke", ...SMALL, "--epochs", "1", "--objective", "rae", "--out", out);
    const evaluate = async (...args: string[]) => {
      const { options, positionals } = parseCommand(evaluateCommand, args);
      await evaluateCommand.run(options, positionals);
    };
    await expect(evaluate(out, "--samples", "5")).rejects.toThrow(
      /--samples does not apply to models by rae, .* latents without noise have no density/,
    );
    await evaluate(out);
    const { history } = await resultOf(out);
    const { float } = (await readEvaluation(out))!;
    expect(float!.loss.total).toBeCloseTo(history.at(-1)!.validation.total, 2);
  });

  it.each(["iwae", "beta-tcvae"])(
    "%s on several threads has the bits of one",
    {
      tags: ["slow"],
    },
    async (objective) => {
      const [one, two] = [await temporaryFolder(), await temporaryFolder()];
      const run = (threads: string, folder: string) =>
        runTrain(
          ...["--preset", "mlp", "--objective", objective, "--backend", "wasm", "--limit", "330", ...DATA],
          ...["--batch-size", "256", "--epochs", "1", "--threads", threads, "--out", folder],
        );
      await run("1", one);
      await run("2", two);
      expect(await resultOf(two)).toEqual(await resultOf(one));
    },
  );

  it.each([
    ["vae", "--beta", "2", /--beta does not apply to mlp: objective vae does not use it/],
    ["iwae", "--beta", "2", /--beta does not apply to mlp: objective iwae does not use it/],
    ["iwae", "--free-bits", "0.1", /--free-bits does not apply to mlp: objective iwae/],
    ["beta-tcvae", "--warmup", "2", /--warmup does not apply to mlp: objective beta-tcvae/],
    ["rae", "--free-bits", "0.1", /--free-bits does not apply to mlp: objective rae/],
    [
      "beta-vae",
      "--importance-samples",
      "9",
      /--importance-samples does not apply to mlp: objective beta-vae/,
    ],
    ["vae", "--decoder-decay", "0.1", /--decoder-decay does not apply to mlp: objective vae/],
  ])("%s refuses %s", async (objective, flag, value, message) => {
    const out = join(await temporaryFolder(), "run");
    const run = runTrain("--preset", "mlp", ...SMALL, "--objective", objective, flag, value, "--out", out);
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ["mlp", ["--binarise"], /--likelihood continuous-bernoulli is of grey pixels, --binarise leaves none/],
    ["vq", [], /--likelihood does not apply to vq/],
    ["flow", [], /--likelihood does not apply to flow: its first stage is a beta-VAE/],
  ])("%s with %s has no continuous Bernoulli pixels", async (preset, args, message) => {
    const out = join(await temporaryFolder(), "run");
    const likelihood = ["--likelihood", "continuous-bernoulli"];
    const run = runTrain("--preset", preset, ...SMALL, ...likelihood, ...args, "--out", out);
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(message);
  });

  it.each([
    ["vq", /--objective does not apply to vq: a model with codes does not use it/],
    ["flow", /--objective does not apply to flow: its first stage is a beta-VAE/],
  ])("is refused for %s", async (preset, message) => {
    const out = join(await temporaryFolder(), "run");
    const run = runTrain("--preset", preset, ...SMALL, "--objective", "iwae", "--out", out);
    await expect(run).rejects.toThrow(message);
  });

  it.each([
    [["--objective", "iwae"], /backend "webgpu" does not train models by objective iwae/],
    [["--likelihood", "continuous-bernoulli"], /"webgpu" does not train models with --likelihood cont/],
    [["--free-bits", "0.1"], /backend "webgpu" does not train models with free bits/],
  ])("with %s is refused on webgpu", async (args, message) => {
    const out = join(await temporaryFolder(), "run");
    const run = runTrain("--preset", "smoke", ...SMALL, "--backend", "webgpu", ...args, "--out", out);
    await expect(run).rejects.toThrow(BackendError);
    await expect(run).rejects.toThrow(message);
  });
});
