// What follows from a prior's spec: the shapes of its tensors, and which cells a window sees from where.

import { SpecError } from "../../errors.ts";
import type { ModelSpec, WeightSpec } from "../../model/spec.ts";
import { CLASSES } from "../classes.ts";
import { type CodeGrid, codeGrid } from "./grid.ts";
import type { CodesSpec, GatedConvolution } from "./spec.ts";

/** Digits that are drawn side by side. */
export const BATCH = 12;

/** A layer with everything that follows from its place. */
export interface PlannedConvolution {
  readonly layer: GatedConvolution;
  /** Channels that it reads. */
  readonly inputs: number;
  /** Cells of its window before (and where it sees itself, up to) the cell, in reading order. */
  readonly taps: readonly Offset[];
  /** [taps, inputs, 2 * channels] */
  readonly kernel: WeightSpec;
  /** [digits, cells, 2 * channels] of the first layer, which so knows its place; [digits, 2 * channels] of the rest. */
  readonly bias: WeightSpec;
  /** [channels, channels] and [channels]. */
  readonly mix: WeightSpec;
  readonly mixBias: WeightSpec;
}

/** From a cell to one that it sees. */
export interface Offset {
  readonly rows: number;
  readonly columns: number;
}

export interface PriorPlan extends CodeGrid {
  /** Numbers by which the prior knows a code. */
  readonly width: number;
  /** float32 [size, dim], the decoder's input by code. */
  readonly codebook: WeightSpec;
  /** Share of each digit among the training images, [digits]. */
  readonly digits: WeightSpec;
  /** [size, embedding] */
  readonly embedding: WeightSpec;
  readonly layers: readonly PlannedConvolution[];
  /** [channels of the last layer, size] and [size]. */
  readonly output: WeightSpec;
  readonly outputBias: WeightSpec;
  /** All of them, in the order of a release's file. */
  readonly weights: readonly WeightSpec[];
}

/**
 * Plans the prior of a model with codes.
 * @throws SpecError
 */
export function planPrior(spec: ModelSpec): PriorPlan {
  const grid = codeGrid(spec);
  const { size, dim } = grid;
  const { prior } = spec.latent as CodesSpec;
  let inputs = prior.embedding;
  const layers = prior.layers.map((layer, index): PlannedConvolution => {
    const name = `prior_${index}`;
    if (index === 0 && (layer.seesItself || layer.isResidual)) {
      throw new SpecError(
        `${name} sees the code that it is to tell; its seesItself and isResidual must be false`,
      );
    }
    if (layer.isResidual && layer.channels !== inputs) {
      throw new SpecError(
        `${name} adds ${inputs} channels to ${layer.channels}; a residual layer has as many as its input`,
      );
    }
    const taps = windowOf(layer);
    const places = index === 0 ? [grid.rows * grid.columns] : [];
    const planned = {
      layer,
      inputs,
      taps,
      kernel: { name: `${name}/kernel`, shape: [taps.length, inputs, 2 * layer.channels] },
      bias: { name: `${name}/bias`, shape: [CLASSES, ...places, 2 * layer.channels] },
      mix: { name: `${name}/mix`, shape: [layer.channels, layer.channels] },
      mixBias: { name: `${name}/mix-bias`, shape: [layer.channels] },
    };
    inputs = layer.channels;
    return planned;
  });
  const plan = {
    ...grid,
    width: prior.embedding,
    codebook: { name: "codebook", shape: [size, dim] },
    digits: { name: "digits", shape: [CLASSES] },
    embedding: { name: "prior/embedding", shape: [size, prior.embedding] },
    layers,
    output: { name: "prior/output", shape: [inputs, size] },
    outputBias: { name: "prior/output-bias", shape: [size] },
  };
  const ofLayers = layers.flatMap(({ kernel, bias, mix, mixBias }) => [kernel, bias, mix, mixBias]);
  const { output, outputBias } = plan;
  return { ...plan, weights: [plan.codebook, plan.digits, plan.embedding, ...ofLayers, output, outputBias] };
}

/** Multiply-adds of one draw: each cell computes each layer once; cells outside the grid do not count. */
export function priorMultiplyAdds({ rows, columns, layers, output, size }: PriorPlan): number {
  const cells = rows * columns;
  return layers.reduce(
    (sum, { taps, inputs, layer: { channels } }) => {
      const seen = taps.reduce((pairs, { rows: down, columns: right }) => {
        return pairs + Math.max(0, rows + down) * Math.max(0, columns - Math.abs(right));
      }, 0);
      return sum + seen * inputs * 2 * channels + cells * channels * channels;
    },
    cells * output.shape[0]! * size,
  );
}

function windowOf({ reach, seesItself }: GatedConvolution): readonly Offset[] {
  const taps: Offset[] = [];
  for (let rows = -reach; rows <= 0; rows++) {
    const last = rows < 0 ? reach : seesItself ? 0 : -1;
    for (let columns = -reach; columns <= last; columns++) taps.push({ rows, columns });
  }
  return taps;
}
