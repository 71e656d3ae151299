import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planDecoder } from "../../../../shared/model/plan.ts";
import { type PresetName, presets } from "../../../../shared/model/presets.ts";
import type { ModelSpec } from "../../../../shared/model/spec.ts";
import { gradientLayout } from "../../../../trainer/backend/webgpu/layers.ts";
import { readCheckpoint } from "../../../../trainer/train/checkpoint.ts";
import { temporaryFolder } from "../../../folder.ts";
import { startTrainer } from "../../../process.ts";
import { createSoftwareGpu, type Outcome, runNode, type SoftwareGpu } from "./software-gpu.ts";

const MAIN = "trainer/main.ts";
let gpu: SoftwareGpu;

beforeAll(async () => {
  gpu = await createSoftwareGpu();
});
afterAll(() => gpu.forget());

/** The JSON that a script printed, once its process has ended well. */
function reportOf({ code, signal, stdout, stderr }: Outcome) {
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: "" });
  return JSON.parse(stdout);
}

const script = (name: string) => join(import.meta.dirname, `${name}.ts`);

describe("loss and gradients of one step equal the cpu backend's, on every backend that loads:", () => {
  // Codes are trained by wasm and cpu alone.
  const gaussian = (Object.keys(presets) as PresetName[]).filter(
    (name) => presets[name].latent.kind === "gaussian",
  );
  for (const preset of gaussian) {
    it.concurrent(preset, { timeout: 120_000, tags: preset === "smoke" ? [] : ["slow"] }, async () => {
      const report = reportOf(await gpu.run(script("one-step"), [preset]));
      expect(Object.keys(report)).toEqual(expect.arrayContaining(["webgpu", "wasm"]));
      for (const [backend, { loss, gradient, tensors }] of Object.entries<Record<string, number>>(report)) {
        expect(loss, `${backend}: loss`).toBeLessThan(1e-5);
        expect(gradient, `${backend}: gradient`).toBeLessThan(1e-4);
        expect(tensors).toBeGreaterThanOrEqual(8);
      }
    });
  }
});

describe("a layer of the device", () => {
  const spec = (kernel: number): ModelSpec => ({
    ...presets.smoke,
    decoder: [
      { kind: "dense", units: 49, activation: "relu" },
      { kind: "reshape", shape: [7, 7, 1] },
      { kind: "conv2dTranspose", filters: 1, kernel, stride: 4, activation: "sigmoid" },
    ],
  });
  const layout = (kernel: number) => {
    const planned = planDecoder(spec(kernel)).at(-1)!;
    return gradientLayout(planned, 2);
  };

  it("whose window leaves pixels out is refused: its bias would have too small a gradient", () => {
    expect(layout(4).biasAt).toHaveLength(16);
    expect(() => layout(3)).toThrow(/kernel, 3, is smaller than its stride, 4/);
  });
});

describe("a training on the device", { timeout: 120_000, tags: ["slow"] }, () => {
  it("has the losses of wasm with the same noise, and leaks no tensor", async () => {
    const { device, host, numTensors } = reportOf(
      await gpu.run(script("training"), [await temporaryFolder()]),
    );
    expect(device).toHaveLength(4);
    expect(device[3].total).toBeLessThan(device[0].total - 200);
    for (const [i, { reconstruction, kl }] of host.entries()) {
      expect(Math.abs(device[i].reconstruction - reconstruction)).toBeLessThan(0.3);
      expect(Math.abs(device[i].kl - kl)).toBeLessThan(0.3);
    }
    expect(numTensors).toBe(0);
  });

  it("augments and binarises like the host", async () => {
    const { differing, ink, grain } = reportOf(await gpu.run(script("augmented")));
    // A draw that falls between the grey levels of two roundings may differ.
    expect(differing).toBeLessThan(0.002);
    expect(ink).toBeGreaterThan(0.05);
    expect(grain.most).toBeLessThanOrEqual(0.1);
    expect(grain.mean).toBeGreaterThan(0.02);
  });

  it("that is resumed ends with the weights of an unbroken one, dropout included, and its process ends well", async () => {
    const [whole, broken] = [await temporaryFolder(), await temporaryFolder()];
    const options =
      "--backend webgpu --preset smoke --limit 60 --batch-size 32 --dropout 0.2 --augment".split(" ");
    const train = (...args: string[]) => gpu.run(MAIN, ["train", ...args]);
    const [unbroken, first] = await Promise.all([
      train(...options, "--epochs", "2", "--out", whole),
      train(...options, "--epochs", "1", "--out", broken),
    ]);
    const second = await train("--backend", "webgpu", "--resume", "--epochs", "2", "--out", broken);
    for (const { code, signal } of [unbroken, first, second])
      expect({ code, signal }).toEqual({ code: 0, signal: null });
    const [a, b] = await Promise.all(
      [whole, broken].map((folder) => readCheckpoint(join(folder, "checkpoint.bin"))),
    );
    expect(a!.history).toHaveLength(2);
    expect(a!.backend).toBe("webgpu");
    expect(b!.tensors).toEqual(a!.tensors);
    expect(b!.adamStep).toBe(4);
    expect(await readFile(join(whole, "epochs/002-samples.png"))).not.toHaveLength(0);
  });

  it("that is stopped by Ctrl-C releases the GPU, and its process ends well", async () => {
    const options = ["--backend", "webgpu", "--preset", "smoke", "--limit", "60", "--batch-size", "32"];
    const out = await temporaryFolder();
    const training = startTrainer(["train", ...options, "--epochs", "10000", "--out", out], { env: gpu.env });
    await training.says("epoch     2/10000");
    training.child.kill("SIGINT");
    const { code, stderr } = await training.ended;
    expect(code).toBe(130);
    expect(stderr.trim().split("\n").at(-1)).toMatch(
      /^stopped; "npm run train -- --out .* --resume" continues/,
    );
  });

  for (const [mode, words] of [
    ["lost", /was lost: .*checkpoint is kept.*--resume/],
    ["memory", /out of memory; try a smaller --batch-size: no 99 GiB/],
  ] as const) {
    it(`stops with a clear error when the GPU fails (${mode}), and keeps the checkpoint`, async () => {
      const report = reportOf(await gpu.run(script("failing"), [mode, await temporaryFolder()]));
      expect(report).toMatchObject({ isClass: "BackendError", epochs: 1 });
      expect(report.message).toMatch(words);
    });
  }
});

describe("the choice of a backend", { tags: ["slow"] }, () => {
  const options = [
    "train",
    "--preset",
    "smoke",
    "--limit",
    "40",
    "--batch-size",
    "32",
    "--epochs",
    "1",
    "--out",
  ];

  it("by auto skips a software GPU", async () => {
    const { code, stdout } = await gpu.run(MAIN, [...options, await temporaryFolder()]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/"backend":"(wasm|tensorflow|tensorflow-gpu)"/);
  });

  it("says what is missing without an adapter", async () => {
    const env = { ...process.env, DAWN_FLAGS: "adapter=none-of-this-name" };
    const { code, stderr } = await runNode(
      MAIN,
      [...options, await temporaryFolder(), "--backend", "webgpu"],
      env,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: backend "webgpu": no GPU adapter: .*docs\/gpu.md/s);
  });
});
