// Adam as a thing with a life: the moments of every variable and the number of steps, to be checkpointed and restored.

import * as tf from "@tensorflow/tfjs";
import { RunError } from "../errors.ts";
import { type AdamConfig, adamUpdate } from "./ops.ts";

/** Kingma & Ba 2015, and PyTorch's defaults. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** What a checkpoint keeps. */
export type AdamState = {
  /** Steps done. */
  readonly step: number;
  /** "m/<name>" and "v/<name>" for each variable. Owned by the optimizer: read them, do not dispose them. */
  readonly moments: Readonly<Record<string, tf.Tensor>>;
};

export type Adam = {
  /**
   * Updates every variable.
   * @param gradients  by `variable.name`, as `tf.variableGrads` returns them; they stay the caller's
   * @param learningRate  for this step, where a schedule changes it
   */
  step(gradients: tf.NamedTensorMap, learningRate?: number): void;
  /** Counts steps that were done elsewhere, on the variables and moments themselves. */
  advance(count: number): void;
  state(): AdamState;
  /** Copies a state in; its tensors stay the caller's. */
  restore(state: AdamState): void;
  /** The same from a checkpoint: steps done, and the moments' values among others by the names of the state. */
  load(step: number, values: ReadonlyMap<string, Float32Array>): void;
  dispose(): void;
};

/**
 * @param variables  by names of the caller's choice, which name the moments in the state; tfjs's own names change when
 *   a process builds a second model
 */
export function createAdam(variables: Readonly<Record<string, tf.Variable>>, config: AdamConfig): Adam {
  let steps = 0;
  const slots = Object.entries(variables).map(([name, variable]) => ({
    name,
    variable,
    m: zerosLike(variable),
    v: zerosLike(variable),
  }));
  const moments = Object.fromEntries(
    slots.flatMap(({ name, m, v }) => [[`m/${name}`, m] as const, [`v/${name}`, v] as const]),
  );
  const adam: Adam = {
    step(gradients, learningRate = config.learningRate) {
      for (const { name, variable } of slots) {
        if (!gradients[variable.name]) throw new RunError(`variable ${name} has no gradient.`);
      }
      steps += 1;
      for (const { variable, m, v } of slots) {
        adamUpdate(variable, gradients[variable.name]!, m, v, { ...config, learningRate, step: steps });
      }
    },
    advance(count) {
      steps += count;
    },
    state: () => ({ step: steps, moments }),
    restore(state) {
      const missing = Object.keys(moments).filter((key) => !state.moments[key]);
      const foreign = Object.keys(state.moments).filter((key) => !moments[key]);
      if (missing.length + foreign.length > 0) {
        throw new RunError(`Adam's state lacks [${missing}] and has unknown [${foreign}].`);
      }
      for (const [key, variable] of Object.entries(moments)) {
        const saved = state.moments[key]!;
        if (!tf.util.arraysEqual(saved.shape, variable.shape)) {
          throw new RunError(`${key} has shape [${saved.shape}], expected [${variable.shape}].`);
        }
      }
      for (const [key, variable] of Object.entries(moments)) {
        tf.tidy(() => variable.assign(state.moments[key]!.clone()));
      }
      steps = state.step;
    },
    load(step, values) {
      tf.tidy(() => {
        const found = Object.entries(moments)
          .filter(([name]) => values.has(name))
          .map(([name, { shape }]) => [name, tf.tensor(values.get(name)!, shape)] as const);
        adam.restore({ step, moments: Object.fromEntries(found) });
      });
    },
    dispose() {
      tf.dispose(moments);
    },
  };
  return adam;
}

function zerosLike(variable: tf.Variable): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zerosLike(variable), false));
}
