// Data-parallel gradients: a batch is cut into a fixed number of shards, every thread computes those of its share, and all
// add them up in the order of the shards. So the bits depend on the number of shards, never on the number of threads.

import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Group } from "./group.ts";
import type { Shard } from "./shards.ts";

export interface Objective {
  /** What is minimised; that of a batch is the sum over its shards. */
  readonly loss: tf.Scalar;
  /** What else to sum over the shards, at most MOST_REPORTED numbers. */
  readonly reported?: tf.Tensor1D;
}

export interface SummedGradients {
  readonly value: tf.Scalar;
  /** By `variable.name`. */
  readonly grads: tf.NamedTensorMap;
  /** Owned by the caller, also inside tf.tidy. */
  readonly reported: tf.Tensor1D | undefined;
}

const MOST_REPORTED = 4;
/** In float32 numbers: a vector. */
const ALIGNMENT = 4;

/**
 * The gradients of a batch; inside tf.tidy. Several shards need the wasm backend.
 * @param prepare  makes what a shard is computed from; the function that it returns is differentiated
 */
export function sumGradients(
  group: Group,
  shards: readonly Shard[],
  variables: readonly tf.Variable[],
  prepare: (shard: Shard) => () => Objective,
): SummedGradients {
  if (shards.length === 1) return differentiate(variables, prepare(shards[0]!));
  const places: number[] = [];
  let count = 0;
  for (const { size } of variables) {
    places.push(count);
    count += aligned(size);
  }
  const width = count + aligned(1 + MOST_REPORTED);
  const { numbers, addRows } = group.exchange((shards.length + 1) * width);
  const rowOf = (row: number) => numbers.subarray(row * width, (row + 1) * width);
  let reports = 0;
  for (const [place, shard] of shareOf(group, shards)) {
    const row = rowOf(place);
    const { value, grads, reported } = differentiate(variables, prepare(shard));
    for (const [i, { name }] of variables.entries()) row.set(elementsOf(grads[name]!), places[i]);
    row.set(elementsOf(value), count);
    if (reported) row.set(elementsOf(reported), count + 1);
    reports = reported?.size ?? 0;
    tf.dispose([value, grads, reported]);
  }
  group.meet();
  addRows(shards.length, width, ...rangeOf(group, width));
  group.meet();
  const sums = rowOf(shards.length);
  const grads = Object.fromEntries(
    variables.map(({ name, shape, size }, i) => {
      const place = places[i]!;
      return [name, tf.tensor(sums.subarray(place, place + size), shape)];
    }),
  );
  const tail = sums.slice(count + 1, count + 1 + reports);
  return {
    value: tf.scalar(sums[count]!),
    grads,
    reported: reports ? tf.keep(tf.tensor1d(tail)) : undefined,
  };
}

/** Shared memory is copied byte by byte, unless both sides begin at a multiple of eight bytes. */
function aligned(floats: number): number {
  return ALIGNMENT * Math.ceil(floats / ALIGNMENT);
}

/**
 * Numbers of all shards, one after the other.
 * @param each  for each place of a batch
 */
export function gatherShards(
  group: Group,
  shards: readonly Shard[],
  each: number,
  valuesOf: (shard: Shard) => Float32Array,
): Float32Array {
  const { numbers } = group.exchange(shards.at(-1)!.to * each);
  for (const [, shard] of shareOf(group, shards)) numbers.set(valuesOf(shard), shard.from * each);
  group.meet();
  return numbers.slice();
}

/** The shards that a thread computes, with their places. */
function shareOf(group: Group, shards: readonly Shard[]): [place: number, shard: Shard][] {
  return [...shards.entries()].slice(...rangeOf(group, shards.length));
}

/** A thread's share of `count` things. */
function rangeOf({ rank, size }: Group, count: number): [from: number, to: number] {
  return [Math.floor((rank * count) / size), Math.floor(((rank + 1) * count) / size)];
}

function differentiate(variables: readonly tf.Variable[], objective: () => Objective): SummedGradients {
  let reported: tf.Tensor1D | undefined;
  const { value, grads } = tf.variableGrads(() => {
    const found = objective();
    reported = found.reported && tf.keep(found.reported);
    return found.loss;
  }, [...variables]);
  return { value, grads, reported };
}

/** A tensor's elements where the wasm backend has them, until its memory grows: dataSync() would copy them. */
function elementsOf({ dataId, size }: tf.Tensor): Float32Array {
  const { dataIdMap, wasm } = tf.backend() as BackendWasm;
  const { buffer } = (wasm as unknown as { readonly HEAPU8: Uint8Array }).HEAPU8;
  return new Float32Array(buffer, dataIdMap.get(dataId).memoryOffset, size);
}
