// Data-parallel training steps: a batch is cut into a fixed number of shards, every thread computes the gradients of its share,
// and they are added up in the order of the shards. So the bits depend on the number of shards, never on that of threads.

import * as tf from "@tensorflow/tfjs";
import type { Adam } from "../backend/adam.ts";
import { shareOf } from "./gather.ts";
import type { Group } from "./group.ts";
import type { Shard } from "./shards.ts";
import { elementsOf, shareAdam } from "./shared-adam.ts";

export interface Objective {
  /** What is minimised; that of a batch is the sum over its shards. */
  readonly loss: tf.Scalar;
  /** What else to sum over the shards, at most MOST_REPORTED numbers. */
  readonly reported?: tf.Tensor1D;
}

export interface Descent {
  /** The loss before the step. */
  readonly loss: tf.Scalar;
  /** Owned by the caller, also inside tf.tidy. */
  readonly reported: tf.Tensor1D | undefined;
}

export interface Optimiser {
  readonly adam: Adam;
  readonly learningRate: number;
}

const MOST_REPORTED = 4;
/** What threads exchange of a shard: its loss, how many numbers it reports, and these. */
const ROW = 2 + MOST_REPORTED;

/**
 * A step of optimisers on the gradients of a batch; inside tf.tidy.
 * @param parallel  its shards, at most; several need the wasm backend
 * @param prepare  makes what a shard is computed from; the function that it returns is differentiated
 */
export function descend(
  { group, shards: most }: { readonly group: Group; readonly shards: number },
  shards: readonly Shard[],
  optimisers: readonly Optimiser[],
  prepare: (shard: Shard) => () => Objective,
): Descent {
  const variables = optimisers.flatMap(({ adam }) => [...adam.variables.values()]);
  if (most === 1) {
    const { value, grads, reported } = differentiate(variables, prepare(shards[0]!));
    for (const { adam, learningRate } of optimisers) adam.step(grads, learningRate);
    return { loss: value, reported };
  }
  const shared = optimisers.map(({ adam }) => shareAdam(group, adam, most));
  for (const adam of shared) adam.writeState();
  const rows = group.exchange(ROW * shards.length);
  for (const [place, shard] of shareOf(group, shards)) {
    const { value, grads, reported } = differentiate(variables, prepare(shard));
    for (const adam of shared) adam.writeGradients(place, grads);
    const numbers = reported ? elementsOf(reported) : [];
    rows.set([...elementsOf(value), numbers.length, ...numbers], ROW * place);
    tf.dispose([value, grads, reported]);
  }
  group.meet();
  for (const [i, { learningRate }] of optimisers.entries()) shared[i]!.update(shards.length, learningRate);
  group.meet();
  for (const adam of shared) adam.readVariables();
  const sumOf = (column: number) =>
    shards.reduce((sum, _, place) => Math.fround(sum + rows[ROW * place + column]!), 0);
  const sums = Array.from({ length: rows[1]! }, (_, i) => sumOf(2 + i));
  return {
    loss: tf.scalar(sumOf(0)),
    reported: sums.length > 0 ? tf.keep(tf.tensor1d(sums)) : undefined,
  };
}

interface Gradients {
  readonly value: tf.Scalar;
  /** By `variable.name`. */
  readonly grads: tf.NamedTensorMap;
  /** Kept. */
  readonly reported: tf.Tensor1D | undefined;
}

function differentiate(variables: readonly tf.Variable[], objective: () => Objective): Gradients {
  let reported: tf.Tensor1D | undefined;
  const { value, grads } = tf.variableGrads(() => {
    const found = objective();
    reported = found.reported && tf.keep(found.reported);
    return found.loss;
  }, [...variables]);
  return { value, grads, reported };
}
