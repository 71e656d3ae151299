// Shows the progress of a training run: a bar with time left and losses on a terminal, and a line per epoch.

import { SingleBar } from "cli-progress";
import type { Loss } from "../../shared/release/release.ts";
import { formatDuration } from "./tasks.ts";

/** Interval at which running losses are read back; each read waits for the device. */
export const STEPS_PER_READING = 20;

export interface Progress {
  /** @param stage  that the epochs are of, where it is not the first */
  readonly start: (epoch: number, epochs: number, steps: number, stage?: string) => void;
  /** @param loss  so far in this epoch, if already read from the device; of a later stage one number */
  readonly step: (step: number, loss?: Loss | number) => void;
  readonly epoch: (record: ShownEpoch) => void;
  readonly stop: () => void;
}

interface ShownEpoch {
  readonly epoch: number;
  readonly seconds: number;
  readonly training: Loss | number;
  readonly validation: Loss | number;
}

export const silentProgress: Progress = { start() {}, step() {}, epoch() {}, stop() {} };

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: true,
    format: "{stage} {epoch}/{epochs} [{bar}] {value}/{total} steps | {loss} | {left} left",
    barsize: 24,
  });
  let run = { epoch: 0, epochs: 0, steps: 0, startedAt: 0, stage: "" };
  /** Estimated from the pace of this epoch. */
  const timeLeft = (stepsDone: number) => {
    const secondsPerStep = (performance.now() - run.startedAt) / 1000 / stepsDone;
    return formatDuration(secondsPerStep * (run.steps * (run.epochs - run.epoch + 1) - stepsDone));
  };
  return {
    start: (epoch, epochs, steps, stage = "epoch") => {
      run = { epoch, epochs, steps, startedAt: performance.now(), stage };
      bar.start(steps, 0, { stage, epoch, epochs, loss: "starting", left: "?" });
    },
    step: (step, loss) =>
      bar.update(step, { loss: loss === undefined ? "on the GPU" : formatLoss(loss), left: timeLeft(step) }),
    epoch: ({ epoch, seconds, training, validation }) => {
      bar.stop();
      const { stage, epochs, steps } = run;
      stream.write(
        `${stage} ${String(epoch).padStart(String(epochs).length)}/${epochs}  training ${formatLoss(training)}  ` +
          `validation ${formatLoss(validation)}  ${seconds.toFixed(1)} s, ${timeLeft(steps)} left\n`,
      );
    },
    stop: () => bar.stop(),
  };
}

/** Shows the progress of work that reports its current task. */
export async function withBar<T>(
  prefix: string,
  work: (onProgress: (task: string, done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const format = `${prefix}{task} [{bar}] {value}/{total} | {eta_formatted} left`;
  const bar = new SingleBar({ format, clearOnComplete: true });
  bar.start(0, 0, { task: "reading" });
  const onProgress = (task: string, done: number, total: number) => {
    bar.setTotal(total);
    bar.update(done, { task });
  };
  return work(onProgress).finally(() => bar.stop());
}

export function formatLoss(loss: Loss | number): string {
  if (typeof loss === "number") return loss.toPrecision(4);
  const { reconstruction, kl, total } = loss;
  return `${total.toFixed(2)} nats (${reconstruction.toFixed(2)} + KL ${kl.toFixed(2)})`;
}
