import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { changeSpec, presets } from "../../../shared/model/presets.ts";
import { parseCommand } from "../../../trainer/commands/command-line.ts";
import { trainCommand } from "../../../trainer/commands/train.ts";
import { UsageError } from "../../../trainer/errors.ts";
import { assembleRelease } from "../../../trainer/release/assemble.ts";
import { readConfig } from "../../../trainer/train/run-folder.ts";
import { temporaryFolder } from "../../folder.ts";
import { DATA } from "../smoke-run.ts";

const SMALL = ["--limit", "60", "--epochs", "1", "--batch-size", "32", ...DATA];

async function runTrain(...args: string[]): Promise<void> {
  const { options, positionals } = parseCommand(trainCommand, args);
  await trainCommand.run(options, positionals);
}
const writeConfig = async (value: unknown) => {
  const path = join(await temporaryFolder(), "config.json");
  await writeFile(path, JSON.stringify(value));
  return path;
};

beforeAll(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

describe("the configuration of a run", () => {
  it("comes from a file, and options on the command line win", async () => {
    const file = await writeConfig({ preset: "mlp", latent: 3, beta: 4, seed: "a" });
    const out = await temporaryFolder();
    await runTrain("--config", file, "--seed", "b", ...SMALL, "--out", out);
    const config = await readConfig(out);
    expect(config).toMatchObject({ preset: "mlp", latent: 3, beta: 4, seed: "b", batchSize: 32, limit: 60 });
    expect(config.spec).toEqual(changeSpec("mlp", { latentDim: 3 }));
  });

  it("has the defaults of its kind of latent, unless a file or an option says otherwise", {
    tags: ["slow"],
  }, async () => {
    const file = await writeConfig({ preset: "flow-smoke", schedule: "constant" });
    const stages = ["flow", "distillation", "reader", "fine-tuning"].flatMap((name) => [
      `--${name}-steps`,
      "1",
    ]);
    const out = await temporaryFolder();
    await runTrain("--config", file, ...SMALL, "--beta", "1", ...stages, "--out", out);
    const chosen = { schedule: "constant", beta: 1, learningRate: 0.002 };
    expect(await readConfig(out)).toMatchObject(chosen);
  });

  it.each([
    [
      "vq",
      "--binarise",
      [],
      /--binarise does not apply to vq: the prior would learn the codes of grey images/,
    ],
    ["vq", "--beta", ["1"], /--beta does not apply to vq: a model with codes does not use it/],
    ["vq", "--warmup", ["3"], /--warmup does not apply to vq/],
    ["vq", "--latent", ["16"], /--latent 16: the layers decide the size of a grid of codes/],
    ["vq", "--hidden", ["32"], /--hidden 32: preset vq has convolutions/],
    ["mlp", "--prior-epochs", ["5"], /--prior-epochs does not apply to mlp: only models with codes use it/],
    ["mlp", "--prior-learning-rate", ["0.003"], /--prior-learning-rate does not apply to mlp/],
    ["cnn", "--prior-dropout", ["0"], /--prior-dropout does not apply to cnn/],
    ["vq", "--flow-steps", ["10"], /--flow-steps does not apply to vq: only models with a flow use it/],
    ["cnn", "--fine-tuning-steps", ["8000"], /--fine-tuning-steps does not apply to cnn/],
    ["flow", "--binarise", [], /--binarise does not apply to flow: its critics compare grey images/],
    ["flow", "--prior-epochs", ["9"], /--prior-epochs does not apply to flow/],
    ["vq-smoke", "--dropout", ["0.5"], /--dropout does not apply to vq-smoke: the model has no hidden units/],
    ["cnn", "--hidden", ["32"], /--hidden 32: preset cnn has convolutions/],
    ["mlp", "--hidden", ["5000"], /--hidden 5000: encoder\.1\.units: .*4096/],
    ["mlp", "--hidden", ["64-9999"], /--hidden 64-9999: encoder\.2\.units: .*4096/],
    ["cnn", "--warmup", ["1"], /--warmup 1 is not over within --epochs 1/],
  ])(
    "of %s with %s that does nothing, or makes no model, is an error of usage",
    async (preset, flag, value, message) => {
      const out = join(await temporaryFolder(), "run");
      const run = runTrain("--preset", preset, ...SMALL, flag, ...value, "--out", out);
      await expect(run).rejects.toThrow(UsageError);
      await expect(run).rejects.toThrow(message);
      expect(existsSync(out)).toBe(false);
    },
  );

  it("contains, prints and stores in the card only options that apply to its model", async () => {
    const ofCodes = ["priorEpochs", "priorLearningRate", "priorDropout"];
    const ofGaussians = ["beta", "warmup", "binarise"];
    for (const [preset, args, present, absent] of [
      ["smoke", [], ofGaussians, ofCodes],
      ["vq-smoke", ["--prior-epochs", "1"], ofCodes, [...ofGaussians, "dropout"]],
    ] as const) {
      const out = await temporaryFolder();
      const log = vi.mocked(console.log);
      log.mockClear();
      await runTrain("--preset", preset, ...SMALL, ...args, "--out", out);
      const printed = JSON.parse(log.mock.calls[0]![0].slice(out.length + 2));
      const stored = JSON.parse(await readFile(join(out, "config.json"), "utf8"));
      const { card } = await assembleRelease({
        ...{ run: out, config: await readConfig(out), name: preset, revision: "test", trainer: "0.0.0" },
        gate: () => {},
      });
      for (const options of [printed, stored, card.training]) {
        expect(Object.keys(options)).toEqual(expect.arrayContaining([...present]));
        for (const option of absent) expect(options).not.toHaveProperty(option);
      }
    }
  });

  it("of an older run, which contains all options, is read, repeated and resumed", async () => {
    const [old, again] = [await temporaryFolder(), await temporaryFolder()];
    await runTrain("--preset", "vq-smoke", ...SMALL, "--prior-epochs", "1", "--out", old);
    const config = await readConfig(old);
    const everything = JSON.stringify({ ...config, beta: 1, warmup: 0, binarise: false, dropout: 0 });
    await writeFile(join(old, "config.json"), everything);
    await runTrain("--resume", "--out", old);
    await writeFile(join(old, "config.json"), everything);
    await runTrain("--config", join(old, "config.json"), "--out", again);
    expect(await readConfig(again)).toEqual(config);
    // Its commitment was scaled by beta, which no run may do today.
    await writeFile(join(old, "config.json"), JSON.stringify({ ...config, beta: 4 }));
    expect((await readConfig(old)).beta).toBe(4);
    await expect(runTrain("--config", join(old, "config.json"), "--out", join(again, "x"))).rejects.toThrow(
      /--beta does not apply to vq-smoke/,
    );
  });

  it("of another run can be run again, its architecture included", async () => {
    const spec = changeSpec("smoke", { latentDim: 7 });
    const [first, second] = [await temporaryFolder(), await temporaryFolder()];
    await runTrain("--config", await writeConfig({ preset: "smoke", spec }), ...SMALL, "--out", first);
    await runTrain("--config", join(first, "config.json"), "--out", second);
    expect((await readConfig(second)).spec).toEqual(spec);
    expect(await readFile(join(second, "config.json"))).toEqual(await readFile(join(first, "config.json")));
  });

  it.each([
    ["an unknown field", { latnt: 3 }, [], /config\.json: latnt: Invalid key/],
    ["a value out of range", { epochs: 0 }, [], /config\.json: epochs: .*>=1/],
    [
      "layers that do not fit",
      { spec: { ...presets.smoke, decoder: presets.smoke.decoder.slice(1) } },
      [],
      /^--config .*config\.json: spec: .*decoder/,
    ],
    [
      "an option that contradicts its architecture",
      { spec: presets.smoke },
      ["--latent", "3"],
      /--latent contradicts/,
    ],
    ["--resume beside it", {}, ["--resume"], /holds no checkpoint|omit --config/],
  ] as const)("is refused for %s", async (_, value, args, message) => {
    const run = runTrain("--config", await writeConfig(value), ...args, "--out", await temporaryFolder());
    await expect(run).rejects.toThrow(message);
  });
});
