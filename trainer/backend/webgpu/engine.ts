// Epochs on the device: images, order, noise and losses stay there, many steps are recorded per submission, and the
// losses are read back once, at the end.

import type { Loss } from "../../../shared/release/release.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Vae } from "../../model/vae.ts";
import type { TrainingConfig } from "../../train/config.ts";
import { betaAt, learningRateAt } from "../../train/schedule.ts";
import type { Adam } from "../adam.ts";
import { createArena, flushTfjs, markWritten, readFloats, uploadBytes } from "./buffers.ts";
import { currentGpu, onDevice } from "./device.ts";
import { record } from "./program.ts";
import { RUN_HEAD, RUN_STEP } from "./shaders.ts";
import { createStep, type DeviceStep, type StepContext } from "./step.ts";

export interface DeviceTrainer {
  /**
   * Trains one epoch on `order`, the images' indices. Returns the mean loss over it.
   * @throws BackendError when the device is lost or out of memory
   */
  readonly trainEpoch: (
    order: Uint32Array,
    epoch: number,
    onSteps?: (done: number, steps: number) => void,
  ) => Promise<Loss>;
  /** The mean loss on held-out images, with noise that is the same in every epoch. */
  readonly validate: () => Promise<Loss>;
  /** Dispatches of one training step. */
  readonly dispatches: number;
  /** The full step, whose buffers tests read. */
  readonly step: DeviceStep;
  readonly dispose: () => void;
}

export interface DeviceTrainerOptions {
  readonly vae: Vae;
  readonly adam: Adam;
  readonly config: TrainingConfig;
  readonly images: Dataset;
  /** Number of images that an epoch trains on. */
  readonly trainingCount: number;
  readonly validation: Uint32Array;
  readonly validationBatch: number;
}

/** Steps per submission, and submissions that may be queued: enough to keep the device busy without flooding it. */
const STEPS_PER_SUBMISSION = 16;
const SUBMISSIONS_AHEAD = 2;
/** The epoch number for validation's noise; training epochs begin at 1. */
const VALIDATION_EPOCH = 0;

/** A pass over some images: its buffers and its steps, the last of which may be smaller. */
interface Pass {
  readonly full: DeviceStep;
  readonly last: DeviceStep;
  readonly steps: number;
  readonly order: GPUBuffer;
  readonly run: GPUBuffer;
  readonly losses: GPUBuffer;
}

/**
 * Puts the images on the device and compiles the steps. The model's and the optimiser's tensors are updated in place, so
 * they must not be reassigned during its lifetime.
 */
export async function createDeviceTrainer(options: DeviceTrainerOptions): Promise<DeviceTrainer> {
  const { vae, adam, config, images, trainingCount, validation } = options;
  const { device } = currentGpu();
  const arena = createArena(device);
  const weights = new Map([...vae.variables, ...adam.moments()]);
  const context: StepContext = {
    ...{ device, arena, config, weights, adam: adam.constants, image: images },
    pixels: uploadBytes(device, arena, "pixels", images.pixels),
  };

  const createPass = async (mode: "train" | "validate", count: number, stride: number): Promise<Pass> => {
    const steps = Math.ceil(count / stride);
    const buffers = {
      order: arena.words(`${mode} order`, count),
      run: arena.words(`${mode} run`, RUN_HEAD + RUN_STEP * steps),
      losses: arena.words(`${mode} losses`, 2 * steps),
    };
    const stepOf = (batch: number) => createStep(context, { batch, stride, mode, ...buffers });
    const rest = count - (steps - 1) * stride;
    const full = await onDevice(stepOf(Math.min(stride, count)));
    return {
      full,
      last: rest === stride || steps === 1 ? full : await onDevice(stepOf(rest)),
      steps,
      ...buffers,
    };
  };
  const training = await createPass("train", trainingCount, config.batchSize);
  const validating = await createPass(
    "validate",
    validation.length,
    Math.min(options.validationBatch, validation.length),
  );
  device.queue.writeBuffer(validating.order, 0, validation as Uint32Array<ArrayBuffer>);

  return {
    async trainEpoch(order, epoch, onSteps) {
      device.queue.writeBuffer(training.order, 0, order as Uint32Array<ArrayBuffer>);
      const constants = epochConstants(options, epoch, training.steps);
      const loss = await runPass(device, training, epoch, constants, order.length, onSteps);
      adam.advance(training.steps);
      markWritten(weights.values());
      return loss;
    },
    validate: () =>
      runPass(
        device,
        validating,
        VALIDATION_EPOCH,
        new Float32Array(RUN_STEP * validating.steps),
        validation.length,
      ),
    dispatches: training.full.programs.length,
    step: training.full,
    dispose: arena.dispose,
  };
}

/** Learning rate, the two bias corrections of Adam and the KL's weight, for every step of an epoch. */
function epochConstants({ adam, config }: DeviceTrainerOptions, epoch: number, steps: number) {
  const { beta1, beta2 } = adam.constants;
  const before = adam.stepsDone();
  return Float32Array.from({ length: RUN_STEP * steps }, (_, at) => {
    const step = Math.floor(at / RUN_STEP);
    const epochsDone = epoch - 1 + step / steps;
    const values = [
      learningRateAt(config, epochsDone / config.epochs),
      1 - beta1 ** (before + step + 1),
      1 - beta2 ** (before + step + 1),
      betaAt(config, epochsDone),
    ];
    return values[at % RUN_STEP]!;
  });
}

async function runPass(
  device: GPUDevice,
  { full, last, steps, run, losses }: Pass,
  epoch: number,
  constants: Float32Array<ArrayBuffer>,
  images: number,
  onSteps: (done: number, steps: number) => void = () => {},
): Promise<Loss> {
  flushTfjs();
  device.queue.writeBuffer(run, 0, Uint32Array.of(0, epoch, 0, 0));
  device.queue.writeBuffer(run, 4 * RUN_HEAD, constants);
  const waiting: Promise<unknown>[] = [];
  for (let step = 0; step < steps; step += STEPS_PER_SUBMISSION) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const end = Math.min(steps, step + STEPS_PER_SUBMISSION);
    for (let i = step; i < end; i++) record(pass, (i === steps - 1 ? last : full).programs);
    pass.end();
    device.queue.submit([encoder.finish()]);
    waiting.push(device.queue.onSubmittedWorkDone());
    if (waiting.length > SUBMISSIONS_AHEAD) await onDevice(waiting.shift()!);
    onSteps(end, steps);
  }
  const parts = await readFloats(device, losses, 2 * steps);
  // In float64: a float32 sum over an epoch would lose digits.
  let [reconstruction, kl] = [0, 0];
  for (let i = 0; i < parts.length; i += 2) {
    reconstruction += parts[i]!;
    kl += parts[i + 1]!;
  }
  return { reconstruction: reconstruction / images, kl: kl / images, total: (reconstruction + kl) / images };
}
