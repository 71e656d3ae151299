// npm run bench:train: images per second of training (batches, forward, gradients, Adam) on every backend that loads, and
// with stock tfjs on wasm, each in its own process; if Python has torch, also of PyTorch: the coursework's program as written,
// and with its data on the device. Ratios are relative to our fastest backend.

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { MNIST } from "../../trainer/data/dataset.ts";
import { flag, option, wholeNumber } from "../../trainer/options.ts";
import type { EpochReport, EpochTask } from "./train-epochs.ts";

const TORCH_DEVICE =
  "import torch; print('cuda' if torch.cuda.is_available() else 'mps' if torch.backends.mps.is_available() else 'cpu')";

await runCommand({
  name: "bench:train",
  summary:
    "Measure images per second of training on every backend that loads and, if Python has torch, of PyTorch peers.",
  examples: ["npm run bench:train", "npm run bench:train -- --presets cnn --engines wasm --no-peers"],
  fields: {
    // Node compiles in the first few hundred steps, which whole epochs leave behind.
    limit: option(wholeNumber(1), "images per epoch", 54_000),
    epochs: option(wholeNumber(1), "timed epochs", 3),
    rounds: option(wholeNumber(1), "rounds; the table shows the median run of each case", 3),
    batchSize: option(wholeNumber(1), "images per step", 128),
    threads: option(wholeNumber(1), "threads of wasm and of the peers", availableParallelism()),
    presets: option(v.string(), "comma-separated presets", "mlp,cnn"),
    engines: option(
      v.string(),
      "comma-separated engines; also webgpu-stock",
      "webgpu,tensorflow-gpu,tensorflow,wasm,wasm-stock",
    ),
    python: option(v.string(), "interpreter of the peers", "python3"),
    noPeers: flag("omit the peers"),
  },
  run: async ({
    values: { limit, epochs, rounds, batchSize, threads, presets, engines, python, noPeers },
  }) => {
    const probe = noPeers ? undefined : spawnSync(python, ["-c", TORCH_DEVICE], { encoding: "utf8" });
    const torch = probe?.status === 0 ? probe.stdout.trim() : undefined;
    if (probe && !torch) console.log(`${python} has no torch: no peers to compare with`);
    console.log(`${limit} images per epoch, batch ${batchSize}, ${epochs} epochs, ${threads} threads`);
    for (const preset of presets.split(",")) {
      const cases = engines.split(",").map((engine) => {
        const task: EpochTask = { preset, engine, epochs, limit, batchSize, threads };
        const args = [...process.execArgv, script("train-epochs.ts"), JSON.stringify(task)];
        return { name: engine, measure: () => reportOf(process.execPath, args) };
      });
      if (torch && ["mlp", "cnn"].includes(preset)) {
        const task = {
          ...{ data: MNIST.folder, preset, device: torch, epochs, limit, threads },
          "batch-size": batchSize,
        };
        const args = Object.entries(task).map(([name, value]) => `--${name}=${value}`);
        for (const [name, more] of [["as written"], ["data on device", "--data-on-device"]]) {
          const peer = [script("pytorch-peer.py"), ...args, ...(more ? [more] : [])];
          cases.push({ name: `pytorch, ${name}`, measure: () => reportOf(python, peer) });
        }
      }
      const all = new Map(cases.map(({ name }) => [name, [] as (EpochReport | string)[]]));
      for (let round = 1; round <= rounds; round++) {
        for (const { name, measure } of cases) {
          process.stderr.write(`${preset}, ${name}, round ${round} of ${rounds}\n`);
          all.get(name)!.push(measure());
        }
      }
      const reports = new Map([...all].map(([name, found]) => [name, medianOf(found)]));
      const ours = [...reports].map(([name, report]) =>
        typeof report === "string" || /-stock$|^pytorch/.test(name) ? 0 : report.imagesPerSecond,
      );
      for (const [engine, report] of reports) {
        const line =
          typeof report === "string" ? `- (${report})` : describe(report, batchSize, Math.max(...ours));
        console.log(`${preset.padEnd(9)} ${engine.padEnd(24)} ${line}`);
      }
    }
  },
});

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The JSON on the last line, or the reason for its absence. */
function reportOf(command: string, args: readonly string[]): EpochReport | string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error) return error.message;
  if (status !== 0) return stderr.match(/^\w*Error: (.*)$/m)?.[1] ?? `exit code ${status}`;
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** By images per second; or the reason why one is missing. */
function medianOf(reports: readonly (EpochReport | string)[]): EpochReport | string {
  const missing = reports.find((report) => typeof report === "string");
  if (missing !== undefined) return missing;
  const measured = reports.filter((report) => typeof report !== "string");
  return measured.toSorted((a, b) => a.imagesPerSecond - b.imagesPerSecond)[measured.length >> 1]!;
}

function describe(report: EpochReport, batchSize: number, best: number): string {
  const { imagesPerSecond, secondsPerEpoch, cpuSecondsPerEpoch, dispatches, device, lossPerEpoch } = report;
  const stepMs = (1000 * batchSize) / imagesPerSecond;
  const perStep = (seconds: number) => ((stepMs * seconds) / secondsPerEpoch).toFixed(1);
  const busiest = report.busiestSecondsPerEpoch;
  const threads = busiest === undefined ? "" : `, of which ${perStep(busiest)} on the busiest thread`;
  const steps = dispatches ? `, ${dispatches} dispatches per step` : "";
  const ratio = (best / imagesPerSecond).toFixed(2);
  return (
    `${String(imagesPerSecond).padStart(7)} images/s, ${stepMs.toFixed(1)} ms per step (CPU ${perStep(cpuSecondsPerEpoch)}${threads}), ${ratio} times ours` +
    `${steps}; loss ${lossPerEpoch.at(-1)!.toFixed(2)}; ${device}`
  );
}
