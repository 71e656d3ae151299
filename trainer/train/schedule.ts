// What changes over the epochs of a run: the weight of the KL, the step size, and when to stop. Pure functions of the
// configuration and the history, so that a resumed run gets the same values.

import type { EpochRecord } from "../../shared/release/release.ts";
import type { TrainingConfig } from "./config.ts";

/**
 * Weight of the KL term in a step: it rises from 0 to beta over the epochs of a warm-up.
 * @param epochs  done when the step begins, a fraction within an epoch
 */
export function betaAt({ beta, warmup }: Pick<TrainingConfig, "beta" | "warmup">, epochs: number): number {
  return beta * Math.min(1, warmup === 0 ? 1 : epochs / warmup);
}

/** Multiples of the learning rate, by the share of the run that is done. */
const SCHEDULES: Record<TrainingConfig["schedule"], (progress: number) => number> = {
  constant: () => 1,
  cosine: cosineDecay,
  "one-cycle": oneCycle,
};

/** Share of a run in which one-cycle rises, and what it rises from. */
const [RISE, FLOOR] = [0.1, 0.1];

/** The batch size that the default step size is tuned for. */
const USUAL_BATCH = 128;

/**
 * Step size of the optimiser.
 * @param progress  share of the run that is done, 0 to 1
 */
export function learningRateAt(config: TrainingConfig, progress: number): number {
  const { schedule, scaleRate, batchSize } = config;
  // Larger batches mean fewer steps per epoch; larger step sizes make up for that.
  const learningRate = config.learningRate * (scaleRate ? batchSize / USUAL_BATCH : 1);
  return learningRate * SCHEDULES[schedule](progress);
}

/** Half a cosine, from 1 to 0 (Loshchilov & Hutter 2017). */
export function cosineDecay(progress: number): number {
  return (1 + Math.cos(Math.PI * progress)) / 2;
}

/** https://arxiv.org/abs/1708.07120: high learning rates in the middle of a short run, which take a while to be reached. */
function oneCycle(progress: number): number {
  return progress < RISE
    ? FLOOR + ((1 - FLOOR) * progress) / RISE
    : cosineDecay((progress - RISE) / (1 - RISE));
}

/**
 * The epoch with the best validation loss at the run's own beta, once its warm-up is over; undefined before.
 * Without patience, the last epoch.
 */
export function bestEpoch(config: TrainingConfig, history: readonly EpochRecord[]): number | undefined {
  if (config.patience === undefined) return history.length || undefined;
  const loss = ({ validation }: EpochRecord) => validation.reconstruction + config.beta * validation.kl;
  const candidates = history.filter(
    (record) => record.epoch > config.warmup && Number.isFinite(loss(record)),
  );
  return candidates.reduce<EpochRecord | undefined>(
    (best, record) => (best && loss(best) <= loss(record) ? best : record),
    undefined,
  )?.epoch;
}

/** Whether a run has done all its epochs, or its patience is exhausted. */
export function isFinished(config: TrainingConfig, history: readonly EpochRecord[]): boolean {
  if (history.length >= config.epochs) return true;
  const best = bestEpoch(config, history);
  return config.patience !== undefined && best !== undefined && history.length - best >= config.patience;
}
