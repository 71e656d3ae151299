// Adam by the threads of a group: its variables, moments and gradients lie in memory that they share, where each thread
// updates its part of them. The variables of all threads then get what the memory has.

import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Adam } from "../backend/adam.ts";
import { RunError } from "../errors.ts";
import { rangeOf } from "./gather.ts";
import type { Group, Kept } from "./group.ts";

export interface SharedAdam {
  /** Before the threads meet, by each of them: variables and moments, where they were assigned since the last step. */
  readonly writeState: () => void;
  /** Before the threads meet: the gradients of a shard, by `variable.name`. */
  readonly writeGradients: (shard: number, gradients: tf.NamedTensorMap) => void;
  /** Once they have met: this thread's part of a step. @param shards  whose gradients are summed, in this order */
  readonly update: (shards: number, learningRate: number) => void;
  /** Once they have met again: the variables after the step. */
  readonly readVariables: () => void;
}

/** Numbers of a vector: tensors begin at whole ones, and threads' parts. */
const LANES = 4;
const FLOAT_BYTES = 4;

/** By optimiser. */
const made = new WeakMap<Adam, SharedAdam>();

/**
 * The optimiser in the memory of a group, whose threads all call this; from the first time on the moments are there.
 * @param shards  of a batch, at most
 */
export function shareAdam(group: Group, adam: Adam, shards: number): SharedAdam {
  const found = made.get(adam) ?? create(group, adam, shards);
  made.set(adam, found);
  return found;
}

/** Tensors in kept memory. */
interface Mirror extends Kept {
  readonly tensors: readonly tf.Variable[];
}

function create(group: Group, adam: Adam, shards: number): SharedAdam {
  const variables = [...adam.variables.values()];
  const moments = (prefix: string) =>
    [...adam.variables.keys()].map((name) => adam.moments().get(prefix + name)!);
  const places: number[] = [];
  let width = 0;
  for (const { size } of variables) {
    places.push(width);
    width += LANES * Math.ceil(size / LANES);
  }
  const mirror = (tensors: readonly tf.Variable[]): Mirror => ({ tensors, ...group.keep(width) });
  const [weights, means, squares] = [variables, moments("m/"), moments("v/")].map(mirror) as [
    Mirror,
    Mirror,
    Mirror,
  ];
  const gradients = group.keep(shards * width);
  const [from, to] = rangeOf(group, width / LANES).map((vectors) => LANES * vectors) as [number, number];

  /** The data with which a tensor equals kept memory; whoever assigns a tensor gives it others. */
  const known = new Map<tf.Variable, object>();
  const write = ({ numbers, tensors }: Mirror) => {
    for (const [i, tensor] of tensors.entries()) {
      if (known.get(tensor) === tensor.dataId) continue;
      numbers.set(elementsOf(tensor), places[i]);
      known.set(tensor, tensor.dataId);
    }
  };
  const read = ({ numbers, tensors }: Mirror) => {
    for (const [i, tensor] of tensors.entries()) {
      const place = places[i]!;
      tf.tidy(() => tensor.assign(tf.tensor(numbers.subarray(place, place + tensor.size), tensor.shape)));
      known.set(tensor, tensor.dataId);
    }
  };
  adam.lend(() => [means, squares].forEach(read));

  return {
    writeState() {
      for (const mirrored of [weights, means, squares]) write(mirrored);
    },
    writeGradients(shard, byName) {
      for (const [i, [name, variable]] of [...adam.variables].entries()) {
        const gradient = byName[variable.name];
        if (!gradient) throw new RunError(`variable ${name} has no gradient`);
        gradients.numbers.set(elementsOf(gradient), shard * width + places[i]!);
      }
    },
    update(count, learningRate) {
      adam.advance(1);
      const { beta1, beta2, epsilon } = adam.constants;
      const step = adam.stepsDone();
      const [rows, p, m, v] = [gradients, weights, means, squares].map(
        ({ address }) => address + FLOAT_BYTES * from,
      ) as [number, number, number, number];
      const bytes = FLOAT_BYTES * (to - from);
      const rates = [learningRate, beta1, beta2, epsilon, 1 - beta1 ** step, 1 - beta2 ** step];
      group.kernels.adamRows(rows, count, FLOAT_BYTES * width, p, m, v, bytes, ...rates);
    },
    readVariables: () => read(weights),
  };
}

/** A tensor's elements where the wasm backend has them, until its memory grows: dataSync() would copy them. */
export function elementsOf({ dataId, size }: tf.Tensor): Float32Array {
  const { dataIdMap, wasm } = tf.backend() as BackendWasm;
  const { buffer } = (wasm as unknown as { readonly HEAPU8: Uint8Array }).HEAPU8;
  return new Float32Array(buffer, dataIdMap.get(dataId).memoryOffset, size);
}
