// Into how many shards a batch is cut. It follows from the configuration alone, since results depend on it.

import type { PlannedLayer } from "../../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../../shared/model/plan.ts";
import { type ModelSpec, size } from "../../shared/model/spec.ts";

export const MOST_SHARDS = 8;
/** Images, and multiply-adds of a forward pass, below which tfjs's time per operation outweighs what a thread saves. */
const LEAST_IMAGES = 32;
const LEAST_WORK = 4e7;

/** @param work  multiply-adds of a forward pass of one image */
export function shardsOf(batchSize: number, work: number): number {
  const most = Math.min(MOST_SHARDS, batchSize / LEAST_IMAGES, (batchSize * work) / LEAST_WORK);
  let shards = 1;
  while (2 * shards <= most) shards *= 2;
  return shards;
}

/** Places of a batch, from `from` up to `to`. */
export interface Shard {
  readonly from: number;
  readonly to: number;
  /** Of the batch's places. */
  readonly share: number;
  /** The shard's own seed, from one of the whole batch. */
  readonly seed: (ofBatch: string) => string;
}

/** At most so many shards, none of them empty. */
export function cutBatch(batchSize: number, most: number): readonly Shard[] {
  const shards = Math.min(most, batchSize);
  const start = (shard: number) => Math.floor((shard * batchSize) / shards);
  return Array.from({ length: shards }, (_, shard) => ({
    from: start(shard),
    to: start(shard + 1),
    share: (start(shard + 1) - start(shard)) / batchSize,
    seed: (ofBatch) => (shard === 0 ? ofBatch : `${ofBatch}/${shard}`),
  }));
}

/** Multiply-adds of a forward pass of one image, encoder and decoder. */
export function multiplyAdds(spec: ModelSpec): number {
  const count = ({ layer, input, output, weights: [kernel] }: PlannedLayer) => {
    const places = { conv2d: output, conv2dTranspose: input }[layer.kind as string];
    return kernel ? size(kernel.shape) * (places ? places[0] * places[1] : 1) : 0;
  };
  return [...planEncoder(spec), ...planDecoder(spec)].reduce((sum, layer) => sum + count(layer), 0);
}
