// What a person sees of a training run: a bar with time left and both losses on a terminal, a line per epoch
// anywhere else.

import { SingleBar } from "cli-progress";
import type { EpochRecord, Loss } from "../shared/release.ts";

export interface Progress {
  readonly start: (epoch: number, epochs: number, steps: number) => void;
  readonly step: (step: number, loss: Loss) => void;
  readonly epoch: (record: EpochRecord) => void;
  readonly stop: () => void;
}

export const silentProgress: Progress = { start() {}, step() {}, epoch() {}, stop() {} };

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 50,
    format: "epoch {epoch}/{epochs} [{bar}] {value}/{total} steps | {loss} | {eta_formatted} left of it",
    barsize: 24,
  });
  let epochs = 0;
  let secondsSpent = 0;
  let epochsSeen = 0;
  return {
    start: (epoch, total, steps) => {
      epochs = total;
      bar.start(steps, 0, { epoch, epochs, loss: "" });
    },
    step: (step, loss) => bar.update(step, { loss: formatLoss(loss) }),
    epoch: ({ epoch, seconds, training, validation }) => {
      bar.stop();
      secondsSpent += seconds;
      epochsSeen += 1;
      const left = formatDuration((secondsSpent / epochsSeen) * (epochs - epoch));
      stream.write(
        `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}  training ${formatLoss(training)}  ` +
          `validation ${formatLoss(validation)}  ${seconds.toFixed(1)} s, ${left} left\n`,
      );
    },
    stop: () => bar.stop(),
  };
}

export function formatLoss({ reconstruction, kl, total }: Loss): string {
  return `${total.toFixed(2)} nats (${reconstruction.toFixed(2)} + KL ${kl.toFixed(2)})`;
}

export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0
    ? `${hours} h ${minutes} min`
    : minutes > 0
      ? `${minutes} min ${whole % 60} s`
      : `${whole} s`;
}
