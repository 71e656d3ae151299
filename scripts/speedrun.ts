// npm run speedrun: how soon the coursework's CNN reaches the validation loss that its program ends with: by that program's
// recipe, by ours, and by ours in PyTorch, one after the other.

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { EpochRecord } from "../shared/release/release.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { MNIST } from "../trainer/data/dataset.ts";
import { flag, option } from "../trainer/options.ts";
import { runToEnd } from "./child.ts";
import { formatTable } from "./tables.ts";

/** Nats per validation image, by the coursework's CNN after its 20 epochs. */
const TARGET = 101.4;
/** The coursework's. */
const PLAIN = { epochs: 20, batchSize: 128, learningRate: 1e-3, schedule: "constant" };
const FAST = { epochs: 7, batchSize: 64, learningRate: 8e-3, schedule: "one-cycle" };
type Recipe = typeof PLAIN;

interface Finish {
  readonly seconds: number;
  /** Nats per image. */
  readonly validation: number;
}

await runCommand({
  name: "speedrun",
  summary: `Train the coursework's CNN to ${TARGET} nats by its recipe and by a faster one, and compare the times.`,
  examples: ["npm run speedrun", 'npm run speedrun -- --no-plain --try="--epochs 6 --schedule one-cycle"'],
  fields: {
    try: option(v.string(), "another recipe, as options of npm run train, instead of ours"),
    backend: option(v.string(), "as of npm run train", "auto"),
    runs: option(v.string(), "folder of the runs; those in it are replaced", "runs/speedrun"),
    python: option(v.string(), "interpreter of the peer, with torch", "python3"),
    noPlain: flag("omit the coursework's recipe"),
    noPeer: flag("omit PyTorch"),
  },
  run: async ({ values: { try: tried, backend, runs, python, noPlain, noPeer } }) => {
    const rows: [string, Finish][] = [];
    const ours = async (name: string, options: string) =>
      rows.push([
        `\`${options}\``,
        await train(join(runs, name), [...options.split(" "), "--backend", backend]),
      ]);
    if (!noPlain) await ours("plain", optionsOf(PLAIN));
    await ours("fast", tried ?? optionsOf(FAST));
    if (!noPeer && !tried) rows.push(["the same recipe in PyTorch", await runPeer(python, FAST)]);
    const [[, first]] = rows as [[string, Finish]];
    const table = rows.map(([name, { seconds, validation }]) => [
      name,
      seconds.toFixed(0),
      (seconds / first.seconds).toFixed(2),
      `${validation.toFixed(2)}${validation > TARGET ? ", not reached" : ""}`,
    ]);
    console.log(formatTable(["recipe", "seconds", "of the first", "validation, nats"], table));
  },
});

function optionsOf({ epochs, batchSize, learningRate, schedule }: Recipe): string {
  return `--epochs ${epochs} --batch-size ${batchSize} --learning-rate ${learningRate} --schedule ${schedule}`;
}

/** From the start of the process to its end. */
async function train(folder: string, options: readonly string[]): Promise<Finish> {
  await rm(folder, { recursive: true, force: true });
  const main = fileURLToPath(new URL("../trainer/main.ts", import.meta.url));
  const start = performance.now();
  await runToEnd(process.execPath, [
    ...process.execArgv,
    main,
    "train",
    "--preset",
    "cnn",
    ...options,
    "--out",
    folder,
  ]);
  const seconds = (performance.now() - start) / 1000;
  const history: EpochRecord[] = JSON.parse(await readFile(join(folder, "history.json"), "utf8"));
  return { seconds, validation: history.at(-1)!.validation.total };
}

async function runPeer(
  python: string,
  { epochs, batchSize, learningRate, schedule }: Recipe,
): Promise<Finish> {
  const options = {
    ...{ data: MNIST.folder, preset: "cnn", epochs, schedule },
    "batch-size": batchSize,
    "learning-rate": learningRate,
  };
  const peer = fileURLToPath(new URL("bench/pytorch-peer.py", import.meta.url));
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return JSON.parse(await runToEnd(python, [peer, ...args, "--to-the-end"], "pipe"));
}
