// npm run bench:train: images per second of training (batches, forward, gradients, Adam) on every backend that loads, and
// with stock tfjs on wasm, each in a process of its own; and of their peers where Python has torch: the course work's
// program as written, and one with its data on the device. Ratios are to the fastest backend of ours.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { MNIST } from "../../trainer/data/dataset.ts";
import { flag, option, wholeNumber } from "../../trainer/options.ts";
import { readOptions } from "../options.ts";

export interface EpochReport {
  readonly engine: string;
  /** The card or processor, where it is known. */
  readonly device: string;
  readonly secondsPerEpoch: number;
  readonly imagesPerSecond: number;
  /** Of a step, on webgpu. */
  readonly dispatches?: number;
  /** Milliseconds in which the host records a step, on webgpu. */
  readonly recordMs?: number;
  /** Nats per image in each timed epoch. */
  readonly lossPerEpoch: readonly number[];
}

const values = await readOptions({
  name: "bench:train",
  summary:
    "Measure images per second of training on every backend that loads, and of peers where Python has torch.",
  examples: ["npm run bench:train", "npm run bench:train -- --presets cnn --engines wasm --no-peers"],
  fields: {
    limit: option(wholeNumber(1), "images an epoch", 12800),
    epochs: option(wholeNumber(1), "timed epochs", 3),
    batchSize: option(wholeNumber(1), "images a step", 128),
    presets: option(v.string(), "comma-separated presets", "mlp,cnn"),
    engines: option(
      v.string(),
      "comma-separated engines; also webgpu-stock",
      "webgpu,tensorflow-gpu,tensorflow,wasm,wasm-stock",
    ),
    python: option(v.string(), "interpreter of the peers", "python3"),
    noPeers: flag("leave the peers out"),
  },
});
const { limit, epochs, batchSize } = values;
const common = ["--epochs", epochs, "--limit", limit, "--batch-size", batchSize].map(String);
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The JSON on the last line, or the reason why there is none. */
function reportOf(command: string, args: readonly string[]): EpochReport | string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error) return error.message;
  if (status !== 0) return stderr.match(/^\w*Error: (.*)$/m)?.[1] ?? `exit code ${status}`;
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** "cuda", "mps" or "cpu", or undefined where Python has no torch. */
function torchDevice(): string | undefined {
  const probe =
    "import torch; print('cuda' if torch.cuda.is_available() else 'mps' if torch.backends.mps.is_available() else 'cpu')";
  const { status, stdout } = spawnSync(values.python, ["-c", probe], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

interface Row {
  readonly engine: string;
  readonly report: EpochReport | string;
}

function lineOf(preset: string, { engine, report }: Row, best: number): string {
  const line = `${preset.padEnd(9)} ${engine.padEnd(24)}`;
  if (typeof report === "string") return `${line} - (${report})`;
  const { imagesPerSecond, dispatches, recordMs, device, lossPerEpoch } = report;
  const stepMs = (1000 * batchSize) / imagesPerSecond;
  const steps = dispatches ? `, ${dispatches} dispatches a step, recorded in ${recordMs!.toFixed(3)} ms` : "";
  const ratio = (best / imagesPerSecond).toFixed(2);
  return (
    `${line} ${String(imagesPerSecond).padStart(7)} images/s, ${stepMs.toFixed(1)} ms a step, ${ratio} times ours` +
    `${steps}; loss ${lossPerEpoch.at(-1)!.toFixed(2)}; ${device}`
  );
}

const torch = values.noPeers ? undefined : torchDevice();
if (!torch && !values.noPeers) console.log(`${values.python} has no torch: no peers to compare with`);
console.log(`${limit} images an epoch, batch ${batchSize}, ${epochs} epochs`);
for (const preset of values.presets.split(",")) {
  const rows: Row[] = [];
  const measure = (engine: string, command: string, args: readonly string[]) => {
    process.stderr.write(`${preset}, ${engine}\n`);
    rows.push({ engine, report: reportOf(command, args) });
  };
  for (const engine of values.engines.split(",")) {
    const args = [...process.execArgv, script("train-epochs.ts"), "--preset", preset, "--engine", engine];
    measure(engine, process.execPath, [...args, ...common]);
  }
  if (torch && ["mlp", "cnn"].includes(preset)) {
    const args = [
      script("pytorch-peer.py"),
      "--data",
      MNIST.folder,
      "--preset",
      preset,
      "--device",
      torch,
      ...common,
    ];
    measure("pytorch as written", values.python, args);
    measure("pytorch, data on device", values.python, [...args, "--data-on-device"]);
  }
  const ours = rows.filter(({ engine }) => !/stock|pytorch/.test(engine));
  const best = Math.max(
    ...ours.map(({ report }) => (typeof report === "string" ? 0 : report.imagesPerSecond)),
  );
  for (const row of rows) console.log(lineOf(preset, row, best));
}
