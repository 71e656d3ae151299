// Data from which nothing can be learned is refused before training, in words about data; the least that is taken goes
// all the way.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { parseCard } from "../../../shared/release/release.ts";
import { parseCommand } from "../../../trainer/commands/command-line.ts";
import { evaluateCommand } from "../../../trainer/commands/evaluate.ts";
import { trainCommand } from "../../../trainer/commands/train.ts";
import { DatasetError } from "../../../trainer/errors.ts";
import { assembleRelease } from "../../../trainer/release/assemble.ts";
import { readConfig } from "../../../trainer/train/run-folder.ts";
import { temporaryFolder } from "../../folder.ts";
import type { Digits } from "../digits.ts";
import { writeDigits } from "../smoke-run.ts";

async function train(digits: Digits, ...args: string[]) {
  const folder = await temporaryFolder();
  const data = await writeDigits(join(folder, "data"), digits);
  const out = join(folder, "run");
  const { options } = parseCommand(trainCommand, [
    ...["--data", data, "--out", out, "--backend", "wasm", "--epochs", "1", "--batch-size", "16"],
    ...args,
  ]);
  return { out, done: trainCommand.run(options, []) };
}

beforeAll(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

describe("a data set", () => {
  const black = (pixels: Uint8Array) => void pixels.fill(0);
  const white = (pixels: Uint8Array) => void pixels.fill(255);
  const same = (pixels: Uint8Array) => {
    for (let at = 784; at < pixels.length; at += 784) pixels.copyWithin(at, 0, 784);
  };

  it.each<[string, Digits, string[], RegExp]>([
    ["no images", { training: 0, test: 0 }, [], /data has 0 training images; expected at least 20/],
    ["one image", { training: 1, test: 30 }, [], /data has 1 training images; expected at least 20/],
    ["no test images", { training: 40, test: 0 }, [], /data has 0 test images; expected at least 20/],
    ["two test images", { training: 40, test: 2 }, [], /data has 2 test images; expected at least 20/],
    [
      "fewer images than a batch",
      { training: 60, test: 30 },
      ["--batch-size", "55"],
      /^54 images to train on are fewer than a batch of 55; use more images or a smaller --batch-size/,
    ],
    [
      "a limit below a batch",
      { training: 300, test: 30 },
      ["--limit", "50", "--batch-size", "64"],
      /^45 images to train on are fewer than a batch of 64/,
    ],
    [
      "a limit above it",
      { training: 60, test: 30 },
      ["--limit", "61"],
      /a limit of 61 images, but there are only 60/,
    ],
    ["black images", { training: 60, test: 30, edit: black }, [], /all images to train on are the same/],
    ["white images", { training: 60, test: 30, edit: white }, [], /all images to train on are the same/],
    [
      "one image many times",
      { training: 60, test: 30, edit: same },
      [],
      /all images to train on are the same/,
    ],
  ])("of %s is refused before training", async (_, digits, args, message) => {
    for (const preset of ["smoke", "vq-smoke"]) {
      const { out, done } = await train(digits, "--preset", preset, ...args);
      await expect(done).rejects.toThrow(DatasetError);
      await expect(done).rejects.toThrow(message);
      expect(existsSync(out)).toBe(false);
    }
  });

  it.each<[string, string, Digits]>([
    ["the fewest images", "smoke", { training: 20, test: 20 }],
    ["the fewest images", "vq-smoke", { training: 20, test: 20 }],
    ["five classes", "smoke", { training: 200, test: 40, isTaken: (digit) => digit < 5 }],
    ["five classes", "vq-smoke", { training: 200, test: 40, isTaken: (digit) => digit < 5 }],
    ["one class", "smoke", { training: 200, test: 25, isTaken: (digit) => digit === 7 }],
    ["one class", "vq-smoke", { training: 200, test: 25, isTaken: (digit) => digit === 7 }],
  ])(
    "of %s trains %s, is released and evaluated in numbers",
    { tags: ["slow"] },
    async (_, preset, digits) => {
      const ofCodes = preset === "vq-smoke" ? ["--prior-epochs", "1"] : [];
      const { out, done } = await train(digits, "--preset", preset, ...ofCodes);
      await done;
      const release = await assembleRelease({
        ...{ run: out, config: await readConfig(out), name: preset, revision: "test", trainer: "0.0.0" },
        gate: () => {},
      });
      // Its schema takes finite numbers only, and the JSON of NaN is null.
      const card = new TextEncoder().encode(JSON.stringify(release.card));
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", card));
      await parseCard(card, Buffer.from(digest).toString("hex"));
      const { options, positionals } = parseCommand(evaluateCommand, [out]);
      const log = vi.mocked(console.log);
      log.mockClear();
      await evaluateCommand.run(options, positionals);
      expect(log.mock.calls.join("\n")).toMatch(/Negative ELBO, nats +\d+\.\d+ +\d+\.\d+/);
      expect(log.mock.calls.join("\n")).not.toMatch(/NaN|Infinity|undefined|null/);
    },
  );
});
