// Shows the progress of a training run: a bar with time left and losses on a terminal, and a line per epoch.

import { SingleBar } from "cli-progress";
import type { EpochRecord, Loss } from "../../shared/release/release.ts";

/** Interval at which running losses are read back; each read waits for the device. */
export const STEPS_PER_READING = 20;

export interface Progress {
  readonly start: (epoch: number, epochs: number, steps: number) => void;
  /** @param loss  so far in this epoch, if already read from the device */
  readonly step: (step: number, loss?: Loss) => void;
  readonly epoch: (record: EpochRecord) => void;
  readonly stop: () => void;
}

export const silentProgress: Progress = { start() {}, step() {}, epoch() {}, stop() {} };

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: true,
    format: "epoch {epoch}/{epochs} [{bar}] {value}/{total} steps | {loss} | {left} left",
    barsize: 24,
  });
  let run = { epoch: 0, epochs: 0, steps: 0, startedAt: 0 };
  /** Estimated from the pace of this epoch. */
  const timeLeft = (stepsDone: number) => {
    const secondsPerStep = (performance.now() - run.startedAt) / 1000 / stepsDone;
    return formatDuration(secondsPerStep * (run.steps * (run.epochs - run.epoch + 1) - stepsDone));
  };
  return {
    start: (epoch, epochs, steps) => {
      run = { epoch, epochs, steps, startedAt: performance.now() };
      bar.start(steps, 0, { epoch, epochs, loss: "starting", left: "?" });
    },
    step: (step, loss) =>
      bar.update(step, { loss: loss ? formatLoss(loss) : "on the GPU", left: timeLeft(step) }),
    epoch: ({ epoch, seconds, training, validation }) => {
      bar.stop();
      const { epochs, steps } = run;
      stream.write(
        `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}  training ${formatLoss(training)}  ` +
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

export function formatLoss({ reconstruction, kl, total }: Loss): string {
  return `${total.toFixed(2)} nats (${reconstruction.toFixed(2)} + KL ${kl.toFixed(2)})`;
}

export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** Shows the current task: one line that is overwritten on a terminal, nothing elsewhere. */
export function createTasks(stream: NodeJS.WriteStream) {
  const clear = () => stream.isTTY && stream.write("\r\x1b[K");
  return {
    show: (task: string) => {
      if (clear()) stream.write(task);
    },
    stop: () => void clear(),
  };
}
