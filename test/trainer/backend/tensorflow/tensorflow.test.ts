// Training by TensorFlow's library on the CPU, as npm run gpu:build has compiled it: npm run test:tensorflow.

import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { presets } from "../../../../shared/model/presets.ts";
import { StageEpochSchema } from "../../../../shared/release/release.ts";
import { readCheckpoint } from "../../../../trainer/train/checkpoint.ts";
import { temporaryFolder } from "../../../folder.ts";
import { runScript, runTrainer } from "../../../process.ts";
import { DATA } from "../../smoke-run.ts";

/** What the library says of itself: TensorFlow 2.21 does so whatever its log level. */
const NOTE = /^(I\d{4} |WARNING: All log messages before absl::InitializeLog)/;

describe("TensorFlow's library", { tags: ["tensorflow"] }, () => {
  it("computes loss and gradients of one step of every preset as the cpu backend does", async () => {
    const { code, stdout, stderr } = await runScript([resolve(import.meta.dirname, "one-step.ts")]);
    const complaints = stderr.split("\n").filter((line) => line !== "" && !NOTE.test(line));
    expect({ code, complaints }).toEqual({ code: 0, complaints: [] });
    const report = Object.entries<Record<string, number>>(JSON.parse(stdout));
    expect(report.map(([preset]) => preset)).toEqual(Object.keys(presets));
    for (const [preset, { loss, gradient, tensors }] of report) {
      expect(loss, preset).toBeLessThan(1e-5);
      expect(gradient, preset).toBeLessThan(1e-4);
      expect(tensors, preset).toBeGreaterThanOrEqual(4);
    }
  });

  const train = async (...args: string[]) => {
    const ended = await runTrainer(["train", "--backend", "tensorflow", ...args]);
    expect(ended).toMatchObject({ code: 0 });
  };
  const start = [...DATA, "--schedule", "constant", "--batch-size", "32", "--epochs", "2"];

  it("trains, lowers the loss, and resumes", async () => {
    const out = join(await temporaryFolder(), "run");
    await train(...start, "--preset", "smoke", "--limit", "600", "--out", out);
    await train("--resume", "--epochs", "3", "--out", out);
    const { history, backend } = await readCheckpoint(join(out, "checkpoint.bin"));
    expect(backend).toBe("tensorflow");
    expect(history).toHaveLength(3);
    expect(history[2]!.validation.total).toBeLessThan(history[0]!.validation.total);
  });

  it.for([
    { preset: "vq-smoke", last: "prior", steps: ["--prior-epochs", "1"] },
    {
      preset: "flow-smoke",
      last: "fine-tuning",
      steps: ["flow", "distillation", "reader", "fine-tuning"].flatMap((stage) => [`--${stage}-steps`, "4"]),
    },
  ])("trains every stage of $preset, and resumes at the last", async ({ preset, last, steps }) => {
    const out = join(await temporaryFolder(), "run");
    await train(...start, ...steps, "--preset", preset, "--limit", "200", "--out", out);
    await rm(join(out, `${last}.bin`));
    await train("--resume", "--out", out);
    const { history } = await readCheckpoint(join(out, `${last}.bin`), StageEpochSchema);
    expect(history.length).toBeGreaterThan(0);
  });
});
