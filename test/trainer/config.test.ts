import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { changeSpec, presets } from "../../shared/presets.ts";
import { parseCommand } from "../../trainer/command-line.ts";
import { trainCommand } from "../../trainer/commands/train.ts";
import { readConfig } from "../../trainer/run-folder.ts";
import { temporaryFolder } from "./folder.ts";

const SMALL = ["--limit", "60", "--epochs", "1", "--batch-size", "32"];

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
  it("comes from a file, and options given beside it win", async () => {
    const file = await writeConfig({ preset: "mlp", latent: 3, beta: 4, seed: "a" });
    const out = await temporaryFolder();
    await runTrain("--config", file, "--seed", "b", ...SMALL, "--out", out);
    const config = await readConfig(out);
    expect(config).toMatchObject({ preset: "mlp", latent: 3, beta: 4, seed: "b", batchSize: 32, limit: 60 });
    expect(config.spec).toEqual(changeSpec("mlp", { latentDim: 3 }));
  });

  it("is refused where an option would do nothing, or not what it says", async () => {
    const out = await temporaryFolder();
    await expect(runTrain("--preset", "vq", "--binarise", ...SMALL, "--out", out)).rejects.toThrow(
      /--binarise trains no model with codes/,
    );
    await expect(runTrain("--preset", "mlp", "--prior-epochs", "5", ...SMALL, "--out", out)).rejects.toThrow(
      /--prior-epochs is of models with codes.*mlp has none/,
    );
  });

  it("of another run can be run again, its architecture included", async () => {
    const spec = { ...presets.smoke, latentDim: 7 };
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
      "an option that contradicts its architecture",
      { spec: presets.smoke },
      ["--latent", "3"],
      /--latent contradicts/,
    ],
    ["--resume beside it", {}, ["--resume"], /holds no checkpoint|leave out --config/],
  ] as const)("is refused for %s", async (_, value, args, message) => {
    const run = runTrain("--config", await writeConfig(value), ...args, "--out", await temporaryFolder());
    await expect(run).rejects.toThrow(message);
  });
});
