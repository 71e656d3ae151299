import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import UPNG from "upng-js";
import { describe, expect, it } from "vitest";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { temporaryFolder } from "../../folder.ts";
import { trainSmoke } from "../smoke-run.ts";

const tensorsOf = async (folder: string) => (await readCheckpoint(join(folder, "checkpoint.bin"))).tensors;

describe("a training run", () => {
  it("lowers both losses, and leaks no tensor", async () => {
    await selectBackend("wasm");
    const before = tf.memory().numTensors;
    const history = await trainSmoke(await temporaryFolder());
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(history[2]!.training.total).toBeLessThan(history[0]!.training.total - 20);
    expect(history[2]!.validation.total).toBeLessThan(history[0]!.validation.total - 20);
    for (const { training, validation } of history) {
      for (const { reconstruction, kl, total } of [training, validation]) {
        expect(reconstruction + kl).toBeCloseTo(total, 6);
        expect(kl).toBeGreaterThanOrEqual(0);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it("writes its configuration, history, curves, and pictures of every epoch", async () => {
    const folder = await temporaryFolder();
    const history = await trainSmoke(folder, { epochs: 2 });
    expect(JSON.parse(await readFile(join(folder, "history.json"), "utf8"))).toEqual(history);
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8"))).toMatchObject({
      preset: "smoke",
      seed: "0",
    });
    const { backend, machine } = await readCheckpoint(join(folder, "checkpoint.bin"));
    expect([backend, machine]).toEqual([
      "wasm",
      expect.stringMatching(/^(x64|arm64), (one|two) roundings?$/),
    ]);
    expect(await readFile(join(folder, "losses.svg"), "utf8")).toMatch(/^<svg .*validation.*<\/svg>\n$/s);
    expect((await readdir(join(folder, "epochs"))).toSorted()).toEqual([
      "001-reconstructions.png",
      "001-samples.png",
      "002-reconstructions.png",
      "002-samples.png",
    ]);
    const samples = UPNG.decode(
      (await readFile(join(folder, "epochs/002-samples.png"))).buffer as ArrayBuffer,
    );
    expect([samples.width, samples.height]).toEqual([8 * 28, 8 * 28]);
  });

  it("ends with the same weights when repeated, and with others for another seed", async () => {
    const [a, b, c] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await trainSmoke(a, { epochs: 1 });
    await trainSmoke(b, { epochs: 1 });
    await trainSmoke(c, { epochs: 1, seed: "1" });
    expect(await tensorsOf(a)).toEqual(await tensorsOf(b));
    expect(await tensorsOf(a)).not.toEqual(await tensorsOf(c));
  });

  it("that is resumed ends with the weights, moments and history of an unbroken one", async () => {
    const [whole, broken] = [await temporaryFolder(), await temporaryFolder()];
    const unbroken = await trainSmoke(whole, { epochs: 4 });
    await trainSmoke(broken, { epochs: 1 });
    await trainSmoke(broken, { epochs: 3 }, true);
    const resumed = await trainSmoke(broken, { epochs: 4 }, true);
    const losses = (history: typeof resumed) => history.map(({ seconds: _, ...losses }) => losses);
    expect(losses(resumed)).toEqual(losses(unbroken));
    expect(await tensorsOf(broken)).toEqual(await tensorsOf(whole));
  });
});
