// npm run bench:gpu [-- --limit 54000 --epochs 3 --batch-size 128 --presets mlp,cnn --python python3]: seconds of a
// training epoch (no validation, no pictures) on every backend that loads, each in a process of its own, and of its
// peers where Python has torch: the course work's program as written, and one with its data on the device.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MNIST } from "../../trainer/dataset.ts";

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

const { values } = parseArgs({
  options: {
    limit: { type: "string", default: "54000" },
    epochs: { type: "string", default: "3" },
    "batch-size": { type: "string", default: "128" },
    presets: { type: "string", default: "mlp,cnn" },
    /** The last of them is slow: tfjs's own operations on webgpu, for comparison. */
    engines: { type: "string", default: "webgpu,tensorflow-gpu,tensorflow,wasm" },
    python: { type: "string", default: "python3" },
    "no-peers": { type: "boolean", default: false },
  },
});
const common = ["--epochs", values.epochs, "--limit", values.limit, "--batch-size", values["batch-size"]];
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The JSON on the last line, or the reason why there is none. */
function reportOf(command: string, args: readonly string[]): EpochReport | string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error) return error.message;
  if (status !== 0) return stderr.trim().split("\n").at(-1) ?? `exit code ${status}`;
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** "cuda", "mps" or "cpu", or undefined where Python has no torch. */
function torchDevice(): string | undefined {
  const probe =
    "import torch; print('cuda' if torch.cuda.is_available() else 'mps' if torch.backends.mps.is_available() else 'cpu')";
  const { status, stdout } = spawnSync(values.python, ["-c", probe], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function lineOf(preset: string, engine: string, report: EpochReport | string): string {
  const line = `${preset.padEnd(9)} ${engine.padEnd(24)}`;
  if (typeof report === "string") return `${line} - (${report})`;
  const { secondsPerEpoch, imagesPerSecond, dispatches, recordMs, device, lossPerEpoch } = report;
  const steps = dispatches ? `, ${dispatches} dispatches a step, recorded in ${recordMs!.toFixed(3)} ms` : "";
  return (
    `${line} ${secondsPerEpoch.toFixed(2)} s an epoch, ${(1 / secondsPerEpoch).toFixed(3)} epochs/s, ` +
    `${imagesPerSecond} images/s${steps}; loss ${lossPerEpoch.at(-1)!.toFixed(2)}; ${device}`
  );
}

const print = (...row: Parameters<typeof lineOf>) => console.log(lineOf(...row));

const torch = values["no-peers"] ? undefined : torchDevice();
if (!torch && !values["no-peers"]) console.log(`${values.python} has no torch: no peers to compare with`);
console.log(`${values.limit} images an epoch, batch ${values["batch-size"]}, ${values.epochs} epochs`);
for (const preset of values.presets.split(",")) {
  for (const engine of values.engines.split(",")) {
    const args = [
      ...process.execArgv,
      script("gpu-epochs.ts"),
      "--preset",
      preset,
      "--engine",
      engine,
      ...common,
    ];
    print(preset, engine, reportOf(process.execPath, args));
  }
  if (!torch || !["mlp", "cnn"].includes(preset)) continue;
  const peer = [
    script("pytorch-peer.py"),
    "--data",
    join(MNIST.folder),
    "--preset",
    preset,
    "--device",
    torch,
    ...common,
  ];
  print(preset, "pytorch as written", reportOf(values.python, peer));
  print(preset, "pytorch, data on device", reportOf(values.python, [...peer, "--data-on-device"]));
}
