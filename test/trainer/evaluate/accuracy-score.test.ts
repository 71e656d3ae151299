// The classification accuracy score, with few images and one epoch: far above chance from drawn digits alone.

import { beforeAll, describe, expect, it } from "vitest";
import { fromMemory, type OpenRelease, openRelease } from "../../../shared/release/open.ts";
import { loadDecodeKernels } from "../../../trainer/backend/decode-kernels.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { LEARNED_SETS, scoreAccuracy } from "../../../trainer/evaluate/accuracy-score.ts";
import { CLASSIFIER_TRAINING } from "../../../trainer/evaluate/classifier/train.ts";
import { readDefaultRelease } from "../../../trainer/publish/publish.ts";
import { temporaryFolder } from "../../folder.ts";
import { runTrainer } from "../../process.ts";

let release: OpenRelease;
beforeAll(async () => {
  await selectBackend("wasm");
  const { card, files } = await readDefaultRelease();
  release = await openRelease(card, fromMemory(files), loadDecodeKernels());
});

const training = { ...CLASSIFIER_TRAINING, epochs: 1, averaged: 1 };

describe("the classification accuracy score", { tags: ["slow"] }, () => {
  it("of a classifier that saw drawn digits only is far above chance, and the same twice", async () => {
    const lines: string[] = [];
    const options = { count: 3000, training, onEpoch: (line: string) => lines.push(line) };
    const first = await scoreAccuracy(release, "drawn", options);
    expect(first.images).toBe(3000);
    expect(first.accuracy).toBeGreaterThan(0.7);
    expect(lines).toEqual([expect.stringMatching(/^epoch 1\/1 {2}cross-entropy \d\.\d{4} nats/)]);
    expect(await scoreAccuracy(release, "drawn", options)).toEqual(first);
  });

  it("is asked of a release, for a set that exists", async () => {
    const run = (...args: string[]) => runTrainer(["evaluate", ...args]);
    const folder = await temporaryFolder();
    expect(await run(folder, "--accuracy-score", "drawn")).toMatchObject({ code: 1 });
    const { code, stderr } = await run(folder, "--accuracy-score", "painted");
    expect(code).toBe(2);
    for (const set of LEARNED_SETS) expect(stderr).toContain(set);
  });
});
