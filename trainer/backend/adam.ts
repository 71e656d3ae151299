// Adam (Kingma & Ba 2015, Algorithm 1) with bias correction: the moments of every variable and the number of steps, which
// checkpoints keep.

import * as tf from "@tensorflow/tfjs";
import { RunError } from "../errors.ts";
import { ADAM_UPDATE } from "./pointwise.ts";

export interface AdamConstants {
  /** Decay of the mean of gradients, [0, 1). */
  readonly beta1: number;
  /** Decay of the mean of squared gradients, [0, 1). */
  readonly beta2: number;
  /** Added to the square root of the second moment. */
  readonly epsilon: number;
}

/** Kingma & Ba 2015, and PyTorch's defaults. */
export const ADAM: AdamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

export interface Adam {
  /** By the names that they were given. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  readonly constants: AdamConstants;
  /** "m/<name>" and "v/<name>" for each variable. Owned by the optimizer: read them, do not dispose them. */
  readonly moments: () => ReadonlyMap<string, tf.Variable>;
  readonly stepsDone: () => number;
  /**
   * Updates every variable.
   * @param gradients  by `variable.name`, as `tf.variableGrads` returns them; the caller disposes them
   */
  readonly step: (gradients: tf.NamedTensorMap, learningRate: number) => void;
  /** Counts steps that other code has applied to the variables and moments. */
  readonly advance: (count: number) => void;
  /**
   * Leaves all further steps to other code, which may keep the moments elsewhere.
   * @param bringBack  called before they are read: assigns them as they are now
   */
  readonly lend: (bringBack: () => void) => void;
  /**
   * Continues from a checkpoint.
   * @param values  include the moments
   * @throws RunError when a moment is missing or has another size
   */
  readonly restore: (stepsDone: number, values: ReadonlyMap<string, Float32Array>) => void;
  readonly dispose: () => void;
}

/**
 * @param variables  by names of the caller's choice, which the moments get too; tfjs's own names change when a process
 *   builds a second model
 */
export function createAdam(
  variables: ReadonlyMap<string, tf.Variable>,
  constants: AdamConstants = ADAM,
): Adam {
  let steps = 0;
  let bringBack = () => {};
  const zeros = (variable: tf.Variable) => tf.tidy(() => tf.variable(tf.zerosLike(variable), false));
  const moments = new Map(
    [...variables].flatMap(([name, variable]) => [
      [`m/${name}`, zeros(variable)],
      [`v/${name}`, zeros(variable)],
    ]),
  );
  return {
    variables,
    constants,
    moments: () => {
      bringBack();
      return moments;
    },
    stepsDone: () => steps,
    step(gradients, learningRate) {
      for (const [name, variable] of variables) {
        if (!gradients[variable.name]) throw new RunError(`variable ${name} has no gradient`);
      }
      steps += 1;
      for (const [name, variable] of variables) {
        const [m, v] = [moments.get(`m/${name}`)!, moments.get(`v/${name}`)!];
        const attributes = { ...constants, learningRate, step: steps };
        tf.tidy(() => update({ variable, gradient: gradients[variable.name]!, m, v }, attributes));
      }
    },
    advance(count) {
      steps += count;
    },
    lend(how) {
      bringBack = how;
    },
    restore(stepsDone, values) {
      for (const [name, { size }] of moments) {
        const found = values.get(name)?.length ?? 0;
        if (found !== size) throw new RunError(`expected ${size} numbers of Adam's ${name}, found ${found}`);
      }
      for (const [name, moment] of moments) {
        tf.tidy(() => moment.assign(tf.tensor(values.get(name)!, moment.shape)));
      }
      steps = stepsDone;
    },
    dispose() {
      tf.dispose([...moments.values()]);
    },
  };
}

type Variables = Record<"variable" | "m" | "v", tf.Variable> & { readonly gradient: tf.Tensor };
type Attributes = AdamConstants & { readonly learningRate: number; readonly step: number };

/** A step of a variable and its moments: by one kernel if the backend has it. */
function update(tensors: Variables, attributes: Attributes): void {
  const { variable, gradient, m, v } = tensors;
  if (tf.getKernel(ADAM_UPDATE, tf.getBackend())) {
    variable.assign(tf.engine().runKernel(ADAM_UPDATE, tensors, { ...attributes }) as tf.Tensor);
    return;
  }
  const { learningRate, beta1, beta2, epsilon, step } = attributes;
  m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
  v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
  const spread = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** step)), epsilon);
  variable.assign(tf.sub(variable, tf.div(tf.mul(m, learningRate / (1 - beta1 ** step)), spread)));
}
