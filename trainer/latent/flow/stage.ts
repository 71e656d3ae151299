// What the stages of a model with a flow have in common: epochs of equally many steps, and averaged weights.

import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { type FlowPlan, planFlow } from "../../../shared/latent/flow/plan.ts";
import type { FlowSpec } from "../../../shared/latent/flow/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { lerp } from "../../backend/ops.ts";
import { finalWeights, readCheckpoint } from "../../train/checkpoint.ts";
import type { TrainingConfig } from "../../train/config.ts";
import { CHECKPOINT_FILE } from "../../train/run-folder.ts";
import type { Stage } from "../stages.ts";
import type { Variables } from "./network.ts";
import type { flowOptions } from "./options.ts";

const STEPS_PER_EPOCH = 250;
/** Of stages that are shorter than so many usual epochs. */
const MIN_EPOCHS = 4;
const AVERAGE_PREFIX = "average/";

type Length = keyof typeof flowOptions & `${string}Steps`;
type Rate = keyof typeof flowOptions & `${string}Rate`;

export function flowStage(
  name: Stage["name"],
  length: Length,
  rate: Rate,
  train: Stage["train"],
  shards = 1,
): Stage {
  const epochs: Stage["epochs"] = (config) => lengthOf(config, length).epochs;
  return {
    name,
    length,
    rate,
    epochs,
    shards: () => shards,
    train: async (run) => {
      if (epochs(run.config) > 0) await train(run);
    },
  };
}

/** Epochs of a stage, the steps of each, and those of all. */
export function lengthOf(config: TrainingConfig, length: Length) {
  const epochs = Math.max(Math.min(MIN_EPOCHS, config[length]), Math.ceil(config[length] / STEPS_PER_EPOCH));
  const each = Math.ceil(config[length] / epochs);
  return { epochs, each, all: epochs * each };
}

export function planOf({ spec }: TrainingConfig): FlowPlan {
  return planFlow(spec.latent as FlowSpec);
}

/** The weights of a run's finished first stage. */
export async function readFirst(folder: string): Promise<Weights> {
  return finalWeights(await readCheckpoint(join(folder, CHECKPOINT_FILE)));
}

/** Exponentially averaged copies of variables. */
export function createAverage(learned: Variables) {
  const named = new Map(
    [...learned].map(([name, variable]) => [name, tf.tidy(() => tf.variable(variable.clone(), false))]),
  );
  return {
    /** By the learned variables' own names. */
    named,
    /** By their names in a checkpoint. */
    stored: new Map([...named].map(([name, variable]) => [AVERAGE_PREFIX + name, variable])),
    /** average = decay * average + (1 - decay) * learned */
    update: (decay: number) =>
      tf.tidy(() => {
        for (const [name, variable] of learned) {
          const average = named.get(name)!;
          average.assign(lerp(average, variable, 1 - decay));
        }
      }),
  };
}

/** The averages among a checkpoint's tensors, by the learned variables' own names. */
export function averagesOf({ tensors }: { readonly tensors: Weights }): Weights {
  const found = [...tensors].filter(([name]) => name.startsWith(AVERAGE_PREFIX));
  return new Map(found.map(([name, values]) => [name.slice(AVERAGE_PREFIX.length), values]));
}
