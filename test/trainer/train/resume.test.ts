// What --resume refuses, before it writes, and that what it does not refuse ends like an unbroken run.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { StageEpochSchema } from "../../../shared/release/release.ts";
import { parseCommand } from "../../../trainer/commands/command-line.ts";
import { evaluateCommand } from "../../../trainer/commands/evaluate.ts";
import { reportCommand } from "../../../trainer/commands/report.ts";
import { trainCommand } from "../../../trainer/commands/train.ts";
import { assembleRelease } from "../../../trainer/release/assemble.ts";
import { readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { readConfig } from "../../../trainer/train/run-folder.ts";
import { fingerprint, temporaryFolder } from "../../folder.ts";
import { runTrainer } from "../../process.ts";
import { DATA, writeDigits } from "../smoke-run.ts";

const SMOKE = ["--preset", "smoke", "--backend", "wasm", "--limit", "200", "--batch-size", "32", ...DATA];
const CODES = ["--preset", "vq-smoke", "--backend", "wasm", "--limit", "100", "--batch-size", "32", ...DATA];

async function runTrain(...args: string[]): Promise<void> {
  const { options, positionals } = parseCommand(trainCommand, args);
  await trainCommand.run(options, positionals);
}
const release = async (run: string) =>
  assembleRelease({
    ...{ run, config: await readConfig(run), name: "x", revision: "test", trainer: "0.0.0", gate: () => {} },
  });
const tensorsOf = async (folder: string) => (await readCheckpoint(join(folder, "checkpoint.bin"))).tensors;
const priorOf = async (folder: string) =>
  (await readCheckpoint(join(folder, "prior.bin"), StageEpochSchema)).tensors;

beforeAll(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

describe("a finished run", () => {
  it("is not changed by any refused resume, and can be released", async () => {
    const out = await temporaryFolder();
    await runTrain(...SMOKE, "--epochs", "2", "--out", out);
    const before = await fingerprint(out);
    for (const [args, message] of [
      [["--epochs", "7", "--backend", "cpu"], /computed by the wasm backend, this one is cpu/],
      [["--epochs", "1"], /--epochs 1: .* has done 2 epochs already/],
      [
        ["--epochs", "7", "--learning-rate", "0.5"],
        /--learning-rate 0\.5 contradicts .* started with 0\.001/,
      ],
      [["--epochs", "7", "--patience", "2"], /--patience 2 contradicts .* started without it/],
      [["--epochs", "7", "--prior-epochs", "3"], /--prior-epochs does not apply to smoke/],
    ] as const) {
      await expect(runTrain("--resume", "--out", out, ...args), args.join(" ")).rejects.toThrow(message);
      expect(await fingerprint(out), args.join(" ")).toEqual(before);
    }
    expect((await release(out)).card.training).toMatchObject({ epochs: 2 });
  });

  it("with a cosine schedule can be neither extended nor shortened", async () => {
    const out = await temporaryFolder();
    await runTrain(...SMOKE, "--epochs", "2", "--schedule", "cosine", "--out", out);
    const before = await fingerprint(out);
    await expect(runTrain("--resume", "--out", out, "--epochs", "4")).rejects.toThrow(
      /--epochs 4: the cosine schedule of .* decays over 2 epochs/,
    );
    expect(await fingerprint(out)).toEqual(before);
    await runTrain("--resume", "--out", out, "--epochs", "2");
    expect(await fingerprint(out)).toEqual(before);
  });

  it("with a constant schedule continues, and ends with the weights of an unbroken run", async () => {
    const [whole, extended] = [await temporaryFolder(), await temporaryFolder()];
    await runTrain(...SMOKE, "--epochs", "3", "--out", whole);
    await runTrain(...SMOKE, "--epochs", "1", "--out", extended);
    await runTrain("--resume", "--out", extended, "--epochs", "3");
    expect(await tensorsOf(extended)).toEqual(await tensorsOf(whole));
    expect(await readFile(join(extended, "config.json"))).toEqual(await readFile(join(whole, "config.json")));
  });

  it("of a model with codes keeps its prior, whose steps depend on its length", {
    tags: ["slow"],
  }, async () => {
    const out = await temporaryFolder();
    await runTrain(...CODES, "--epochs", "1", "--prior-epochs", "2", "--out", out);
    const before = await fingerprint(out);
    for (const [args, message] of [
      [
        ["--epochs", "3"],
        /--epochs 3: more epochs of the first stage change what the prior .* has learned from/,
      ],
      [["--prior-epochs", "4"], /--prior-epochs 4: the prior was begun for 2 epochs/],
      [["--prior-epochs", "1"], /--prior-epochs 1: the prior was begun for 2 epochs/],
    ] as const) {
      await expect(runTrain("--resume", "--out", out, ...args), args.join(" ")).rejects.toThrow(message);
      expect(await fingerprint(out), args.join(" ")).toEqual(before);
    }
    // What the messages advise.
    await rm(join(out, "prior.bin"));
    await runTrain("--resume", "--out", out, "--epochs", "2", "--prior-epochs", "1");
    const whole = await temporaryFolder();
    await runTrain(...CODES, "--epochs", "2", "--prior-epochs", "1", "--out", whole);
    expect(await tensorsOf(out)).toEqual(await tensorsOf(whole));
    expect(await priorOf(out)).toEqual(await priorOf(whole));
  });

  it("refuses a prior that was trained on other weights, and says what to delete", {
    tags: ["slow"],
  }, async () => {
    const [out, other] = [await temporaryFolder(), await temporaryFolder()];
    await runTrain(...CODES, "--epochs", "1", "--prior-epochs", "1", "--out", out);
    await runTrain(...CODES, "--epochs", "1", "--prior-epochs", "1", "--seed", "1", "--out", other);
    await writeFile(join(out, "prior.bin"), await readFile(join(other, "prior.bin")));
    await expect(runTrain("--resume", "--out", out)).rejects.toThrow(
      /prior\.bin was trained on other weights/,
    );
    await expect(release(out)).rejects.toThrow(/prior\.bin was trained on other weights .* delete it/);
    await rm(join(out, "checkpoint.bin"));
    await expect(runTrain(...CODES, "--out", out)).rejects.toThrow(/already contains a run \(prior\.bin\)/);
  });

  it("whose checkpoint does not fit its configuration is refused unchanged", async () => {
    const out = await temporaryFolder();
    await runTrain(...SMOKE, "--epochs", "1", "--out", out);
    const config = JSON.parse(await readFile(join(out, "config.json"), "utf8"));
    await writeFile(
      join(out, "config.json"),
      JSON.stringify({ ...config, spec: { ...config.spec, latent: { kind: "gaussian", dim: 5 } } }),
    );
    const before = await fingerprint(out);
    await expect(runTrain("--resume", "--out", out, "--epochs", "2")).rejects.toThrow(
      /checkpoint\.bin does not fit config\.json: expected \d+ numbers of encoder/,
    );
    expect(await fingerprint(out)).toEqual(before);
  });
});

describe("a run's data", () => {
  it("is recorded, and resume, release, evaluate and report refuse other files", async () => {
    const [data, out] = [await temporaryFolder(), await temporaryFolder()];
    await writeDigits(data, { training: 120, test: 40 });
    await runTrain("--preset", "smoke", "--data", data, "--batch-size", "32", "--epochs", "1", "--out", out);
    const { folder: released } = await release(out);
    const labels = await readFile(join(data, "t10k-labels-idx1-ubyte"));
    labels[labels.length - 1] = (labels.at(-1)! + 1) % 10;
    await writeFile(join(data, "t10k-labels-idx1-ubyte"), labels);
    const before = await fingerprint(out);
    const message =
      /was made from other data: the SHA-256 of t10k-labels-idx1-ubyte is \w{64}, expected \w{64}/;
    const evaluate = (folder: string) => {
      const { options, positionals } = parseCommand(evaluateCommand, [folder]);
      return evaluateCommand.run(options, positionals);
    };
    await expect(runTrain("--resume", "--out", out, "--epochs", "2")).rejects.toThrow(message);
    await expect(release(out)).rejects.toThrow(message);
    await expect(evaluate(out)).rejects.toThrow(message);
    await expect(evaluate(released)).rejects.toThrow(message);
    await expect(reportCommand.run({ values: {}, given: new Set() }, [out])).rejects.toThrow(message);
    expect(await fingerprint(out)).toEqual(before);
  });

  it("of a run by an older trainer is accepted, and recorded by the next resume", {
    tags: ["slow"],
  }, async () => {
    const out = await temporaryFolder();
    await runTrain(...SMOKE, "--epochs", "1", "--out", out);
    const digests = await readFile(join(out, "data.json"));
    await rm(join(out, "data.json"));
    await release(out);
    await runTrain("--resume", "--out", out, "--epochs", "2");
    expect(await readFile(join(out, "data.json"))).toEqual(digests);
  });
});

it("a run whose options are refused leaves no folder, and the process ends with one line", {
  tags: ["slow"],
}, async () => {
  const out = join(await temporaryFolder(), "run");
  const { code, stderr, stdout } = await runTrainer([
    "train",
    "--preset",
    "mlp",
    "--hidden",
    "5000",
    "--out",
    out,
  ]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^error: --hidden 5000: encoder\.1\.units: .*4096.*\n$/);
  await expect(fingerprint(out)).rejects.toThrow("ENOENT");
});
