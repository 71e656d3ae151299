// The commands npm run likelihood and likelihood:evaluate, from options to figures.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { parseCommand } from "../../../trainer/commands/command-line.ts";
import { likelihoodCommand } from "../../../trainer/commands/likelihood.ts";
import { likelihoodEvaluateCommand } from "../../../trainer/commands/likelihood-evaluate.ts";
import { digestOf } from "../../../trainer/latent/stages.ts";
import { readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { fingerprint, temporaryFolder } from "../../folder.ts";
import { DATA } from "../smoke-run.ts";

const TINY = ["--latent", "4", "--channels", "4", "--reach", "2", "--limit", "120", "--batch-size", "12"];
const OPTIONS = [...TINY, "--warmup", "5", "--learning-rate", "0.003", ...DATA];

let said: string[];

beforeEach(() => {
  said = [];
  vi.spyOn(console, "log").mockImplementation((text) => void said.push(String(text)));
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function run(command: typeof likelihoodCommand, ...args: string[]): Promise<void> {
  const { options, positionals } = parseCommand(command, [...args, "--backend", "wasm"]);
  await command.run(options, positionals);
}
const historyOf = async (folder: string) => (await readCheckpoint(join(folder, "checkpoint.bin"))).history;

describe("a likelihood run", () => {
  it("lowers the bound, continues to the bit where it was stopped, and is measured and drawn from", {
    tags: ["slow"],
  }, async () => {
    const [whole, parts] = [await temporaryFolder(), await temporaryFolder()];
    await run(likelihoodCommand, ...OPTIONS, "--epochs", "3", "--out", whole);
    await run(likelihoodCommand, ...OPTIONS, "--epochs", "1", "--out", parts);
    await run(likelihoodCommand, "--resume", "--epochs", "3", "--out", parts);
    const [one, other] = await Promise.all(
      [whole, parts].map(async (folder) => readCheckpoint(join(folder, "checkpoint.bin"))),
    );
    expect(other!.adamStep).toBe(one!.adamStep);
    expect(digestOf(other!.tensors)).toBe(digestOf(one!.tensors));
    const totals = one!.history.map(({ validation }) => validation.total);
    expect(totals[2]).toBeLessThan(0.7 * totals[0]!);
    expect((await historyOf(parts)).map(({ validation }) => validation.total)).toEqual(totals);

    const measure = (...args: string[]) =>
      run(likelihoodEvaluateCommand, whole, "--images", "4", "--samples", "20", ...args);
    await measure();
    const [, nll, bound] = /NLL ([\d.]+) .*negative ELBO ([\d.]+)/.exec(said.at(-1)!)!.map(Number);
    expect(nll).toBeLessThan(bound!);
    expect(Math.abs(bound! - totals[2]!)).toBeLessThan(0.4 * totals[2]!);
    for (const name of ["samples.png", "reconstructions.png"]) {
      expect(new Set(decode(await readFile(join(whole, name))).data)).toEqual(new Set([0, 255]));
    }

    // More images continue; those that were measured are not measured again.
    const path = join(whole, "nll-validation-20.json");
    const figures = JSON.parse(await readFile(path, "utf8"));
    await measure("--images", "6");
    const more = JSON.parse(await readFile(path, "utf8"));
    expect(more.nll.slice(0, 4)).toEqual(figures.nll);
    expect(more.nll).toHaveLength(6);
  });

  it("refuses another configuration than it was started with", async () => {
    const out = await temporaryFolder();
    await run(likelihoodCommand, ...OPTIONS, "--epochs", "2", "--out", out);
    const before = await fingerprint(out);
    for (const [args, message] of [
      [["--latent", "4", "--out", out], /already contains a run; continue it with --resume/],
      [["--resume", "--latent", "8", "--out", out], /--latent 8 contradicts .*, which was started with 4/],
      [["--resume", "--epochs", "1", "--out", out], /--epochs 1: .* has done 2 epochs already/],
      [["--resume", "--out", join(out, "none")], /holds no checkpoint to resume/],
    ] as const) {
      await expect(run(likelihoodCommand, ...args), args.join(" ")).rejects.toThrow(message);
      expect(await fingerprint(out)).toEqual(before);
    }
    expect(existsSync(join(out, "none"))).toBe(false);
  });
});
