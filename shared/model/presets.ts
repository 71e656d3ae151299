// The architectures by name. `mlp` and `cnn` are those of the coursework that this project grew from
// (MLP 784-400-2-400-784 and a two-layer convolutional VAE with latent 16).

import { SpecError } from "../errors.ts";
import { kindOf } from "../latent/kind.ts";
import type { Layer, ModelSpec } from "./spec.ts";

const image = { input: [28, 28, 1] } satisfies Partial<ModelSpec>;

export const presets = {
  /** 631,188 parameters, of which the decoder has 315,584. */
  mlp: {
    ...image,
    latent: { kind: "gaussian", dim: 2 },
    encoder: [{ kind: "flatten" }, { kind: "dense", units: 400, activation: "relu" }],
    decoder: [
      { kind: "dense", units: 400, activation: "relu" },
      { kind: "dense", units: 784, activation: "sigmoid" },
      { kind: "reshape", shape: [28, 28, 1] },
    ],
  },
  /** 220,385 parameters, of which the decoder has 86,625. */
  cnn: {
    ...image,
    latent: { kind: "gaussian", dim: 16 },
    encoder: [
      { kind: "conv2d", filters: 32, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2d", filters: 64, kernel: 4, stride: 2, activation: "relu" },
      { kind: "flatten" },
    ],
    decoder: [
      { kind: "dense", units: 3136, activation: "linear" },
      { kind: "reshape", shape: [7, 7, 64] },
      { kind: "conv2dTranspose", filters: 32, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 2, activation: "sigmoid" },
    ],
  },
  /** Two hidden layers instead of one. */
  "mlp-deep": {
    ...image,
    latent: { kind: "gaussian", dim: 16 },
    encoder: [
      { kind: "flatten" },
      { kind: "dense", units: 512, activation: "relu" },
      { kind: "dense", units: 256, activation: "relu" },
    ],
    decoder: [
      { kind: "dense", units: 256, activation: "relu" },
      { kind: "dense", units: 512, activation: "relu" },
      { kind: "dense", units: 784, activation: "sigmoid" },
      { kind: "reshape", shape: [28, 28, 1] },
    ],
  },
  /**
   * A hidden layer between the convolutions and the latent on both sides, and one more convolution in the decoder.
   * Its decoder has 332,065 parameters.
   */
  "cnn-deep": {
    ...image,
    latent: { kind: "gaussian", dim: 16 },
    encoder: [
      { kind: "conv2d", filters: 32, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2d", filters: 64, kernel: 4, stride: 2, activation: "relu" },
      { kind: "flatten" },
      { kind: "dense", units: 128, activation: "relu" },
    ],
    decoder: [
      { kind: "dense", units: 192, activation: "relu" },
      { kind: "dense", units: 1568, activation: "relu" },
      { kind: "reshape", shape: [7, 7, 32] },
      { kind: "conv2dTranspose", filters: 32, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2dTranspose", filters: 32, kernel: 3, stride: 1, activation: "relu" },
      { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 2, activation: "sigmoid" },
    ],
  },
  /** A grid of 7 by 7 codes out of 32. The decoder has 42,593 parameters, codebook and prior have 258,346. */
  vq: {
    ...image,
    latent: {
      kind: "codes",
      codebook: { version: 1, size: 32, dim: 16 },
      prior: {
        version: 1,
        embedding: 16,
        layers: [
          { kind: "gatedConv2d", version: 1, channels: 64, reach: 3, seesItself: false, isResidual: false },
          { kind: "gatedConv2d", version: 1, channels: 64, reach: 1, seesItself: true, isResidual: true },
          { kind: "gatedConv2d", version: 1, channels: 64, reach: 1, seesItself: true, isResidual: true },
          { kind: "gatedConv2d", version: 1, channels: 64, reach: 1, seesItself: true, isResidual: true },
        ],
      },
    },
    encoder: [
      { kind: "conv2d", filters: 32, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2d", filters: 64, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2d", filters: 16, kernel: 3, stride: 1, activation: "linear" },
      { kind: "flatten" },
    ],
    decoder: [
      { kind: "reshape", shape: [7, 7, 16] },
      { kind: "conv2d", filters: 64, kernel: 3, stride: 1, activation: "relu" },
      { kind: "conv2dTranspose", filters: 32, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 2, activation: "sigmoid" },
    ],
  },
  /**
   * Latents that a flow draws. The decoder has 148,413 parameters, flow and reader have 219,700. Kernels read four channels
   * at a time, so planes of noise take the place of channels.
   */
  flow: {
    ...image,
    latent: {
      kind: "flow",
      dim: 32,
      flow: { version: 1, width: 256, blocks: 3, guidance: 0 },
      reader: { version: 1, width: 64 },
    },
    encoder: [
      { kind: "conv2d", filters: 32, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2d", filters: 64, kernel: 4, stride: 2, activation: "relu" },
      { kind: "conv2d", filters: 96, kernel: 3, stride: 2, activation: "relu" },
      { kind: "flatten" },
      { kind: "dense", units: 128, activation: "relu" },
    ],
    decoder: [
      { kind: "dense", units: 3136, activation: "relu" },
      { kind: "reshape", shape: [7, 7, 64] },
      { kind: "conv2dTranspose", filters: 30, kernel: 4, stride: 2, activation: "relu" },
      { kind: "noise", version: 1, planes: 2 },
      { kind: "conv2d", filters: 24, kernel: 3, stride: 1, activation: "relu" },
      { kind: "conv2dTranspose", filters: 14, kernel: 4, stride: 2, activation: "relu" },
      { kind: "noise", version: 1, planes: 2 },
      { kind: "conv2d", filters: 12, kernel: 3, stride: 1, activation: "relu" },
      { kind: "conv2d", filters: 1, kernel: 3, stride: 1, activation: "hardSigmoid" },
    ],
  },
  /** Small enough to train in seconds: for trying the chain from end to end, not for looking at. */
  smoke: {
    ...image,
    latent: { kind: "gaussian", dim: 4 },
    encoder: [{ kind: "conv2d", filters: 8, kernel: 4, stride: 4, activation: "relu" }, { kind: "flatten" }],
    decoder: [
      { kind: "dense", units: 392, activation: "relu" },
      { kind: "reshape", shape: [7, 7, 8] },
      { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 4, activation: "sigmoid" },
    ],
  },
  /** The same for a flow. */
  "flow-smoke": {
    ...image,
    latent: {
      kind: "flow",
      dim: 4,
      flow: { version: 1, width: 64, blocks: 1, guidance: 0.1 },
      reader: { version: 1, width: 8 },
    },
    encoder: [{ kind: "conv2d", filters: 8, kernel: 4, stride: 4, activation: "relu" }, { kind: "flatten" }],
    decoder: [
      { kind: "dense", units: 392, activation: "relu" },
      { kind: "reshape", shape: [7, 7, 8] },
      { kind: "noise", version: 1, planes: 1 },
      { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 4, activation: "hardSigmoid" },
    ],
  },
  /** The same for a grid of codes. */
  "vq-smoke": {
    ...image,
    latent: {
      kind: "codes",
      codebook: { version: 1, size: 16, dim: 4 },
      prior: {
        version: 1,
        embedding: 8,
        layers: [
          { kind: "gatedConv2d", version: 1, channels: 8, reach: 2, seesItself: false, isResidual: false },
          { kind: "gatedConv2d", version: 1, channels: 8, reach: 1, seesItself: true, isResidual: true },
        ],
      },
    },
    encoder: [
      { kind: "conv2d", filters: 4, kernel: 4, stride: 4, activation: "linear" },
      { kind: "flatten" },
    ],
    decoder: [
      { kind: "reshape", shape: [7, 7, 4] },
      { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 4, activation: "sigmoid" },
    ],
  },
} satisfies Record<string, ModelSpec>;

export type PresetName = keyof typeof presets;

/** What may differ from a preset within the same architecture. */
export interface SpecChanges {
  readonly latentDim?: number | undefined;
  /** Widths of an MLP's hidden layers, in the encoder's order; the decoder mirrors them. */
  readonly hidden?: readonly number[] | undefined;
  /** Hidden units and residual layers of a flow. */
  readonly flowWidth?: number | undefined;
  readonly flowBlocks?: number | undefined;
  /** Codes of a codebook, and channels of the prior over them. */
  readonly codebookSize?: number | undefined;
  readonly priorWidth?: number | undefined;
  /** Multiple of the channels of a decoder with convolutions, which stay multiples of 4. */
  readonly decoderWidth?: number | undefined;
  /** Planes of each of a decoder's layers of noise, in the place of channels; 0 leaves the layers out. */
  readonly noisePlanes?: number | undefined;
}

/**
 * A preset with another latent or other hidden layers.
 * @throws SpecError for hidden layers of a preset with convolutions, or a latent size of one whose layers determine it
 */
export function changeSpec(preset: PresetName, changes: SpecChanges): ModelSpec {
  const { latentDim, hidden, decoderWidth, noisePlanes } = changes;
  const base: ModelSpec = presets[preset];
  const resized = latentDim === undefined ? base : kindOf(base).resize(base, latentDim);
  const reshaped = changeCodes(changeFlow(resized, changes), changes);
  const widened =
    decoderWidth === undefined ? reshaped : { ...reshaped, decoder: widen(reshaped.decoder, decoderWidth) };
  const spec =
    noisePlanes === undefined ? widened : { ...widened, decoder: changeNoise(widened.decoder, noisePlanes) };
  if (!hidden) return spec;
  if (spec.encoder.some(({ kind }) => kind === "conv2d")) {
    throw new SpecError(`preset ${preset} has convolutions; hidden widths are for the MLP presets`);
  }
  const dense = (units: number): Layer => ({ kind: "dense", units, activation: "relu" });
  return {
    ...spec,
    encoder: [{ kind: "flatten" }, ...hidden.map(dense)],
    // An MLP's decoder ends in a dense layer to the pixels and their reshaping.
    decoder: [...hidden.toReversed().map(dense), ...spec.decoder.slice(-2)],
  };
}

function changeFlow(spec: ModelSpec, { flowWidth, flowBlocks }: SpecChanges): ModelSpec {
  const { latent } = spec;
  if (latent.kind !== "flow" || (flowWidth ?? flowBlocks) === undefined) return spec;
  const { flow } = latent;
  const changed = { ...flow, width: flowWidth ?? flow.width, blocks: flowBlocks ?? flow.blocks };
  return { ...spec, latent: { ...latent, flow: changed } };
}

function changeCodes(spec: ModelSpec, { codebookSize, priorWidth }: SpecChanges): ModelSpec {
  const { latent } = spec;
  if (latent.kind !== "codes") return spec;
  const { codebook, prior } = latent;
  const layers = prior.layers.map((layer) => ({ ...layer, channels: priorWidth ?? layer.channels }));
  const changed = { ...latent, codebook: { ...codebook, size: codebookSize ?? codebook.size } };
  return { ...spec, latent: { ...changed, prior: { ...prior, layers } } };
}

/** Other planes in the place of channels of the layer before. */
function changeNoise(decoder: readonly Layer[], planes: number): Layer[] {
  return decoder.flatMap((layer, i): Layer[] => {
    const next = decoder[i + 1];
    if (next?.kind === "noise" && "filters" in layer) {
      return [{ ...layer, filters: layer.filters + next.planes - planes }];
    }
    if (layer.kind !== "noise") return [layer];
    return planes === 0 ? [] : [{ ...layer, planes }];
  });
}

/** A dense layer, its reshaping, and convolutions of which the last one makes the image; noise stays as it is. */
function widen(decoder: readonly Layer[], by: number): Layer[] {
  const channels = (count: number) => Math.max(4, 4 * Math.round((by * count) / 4));
  return decoder.map((layer, i) => {
    const next = decoder[i + 1];
    if (layer.kind === "reshape") {
      const [height, width, depth] = layer.shape;
      return { ...layer, shape: [height, width, channels(depth)] };
    }
    if (layer.kind === "dense" && next?.kind === "reshape") {
      const [height, width, depth] = next.shape;
      return { ...layer, units: height * width * channels(depth) };
    }
    if (!("filters" in layer && next)) return layer;
    const noise = next.kind === "noise" ? next.planes : 0;
    return { ...layer, filters: channels(layer.filters + noise) - noise };
  });
}
