// What each thread of a group computes of a batch, and numbers of all shards for all of them.

import type { Group } from "./group.ts";
import type { Shard } from "./shards.ts";

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
  const numbers = group.exchange(shards.at(-1)!.to * each);
  for (const [, shard] of shareOf(group, shards)) numbers.set(valuesOf(shard), shard.from * each);
  group.meet();
  return numbers.slice();
}

/** The shards that a thread computes, with their places. */
export function shareOf(group: Group, shards: readonly Shard[]): [place: number, shard: Shard][] {
  return [...shards.entries()].slice(...rangeOf(group, shards.length));
}

/** A thread's share of `count` things. */
export function rangeOf({ rank, size }: Group, count: number): [from: number, to: number] {
  return [Math.floor((rank * count) / size), Math.floor(((rank + 1) * count) / size)];
}
