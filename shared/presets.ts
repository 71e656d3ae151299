// The architectures by name. `mlp` and `cnn` are the two of the course work that this project grew from
// (MLP 784-400-2-400-784 and a two-layer convolutional VAE with latent 16).

import type { ModelSpec } from "./model.ts";

const image = { input: [28, 28, 1] } satisfies Partial<ModelSpec>;

export const presets = {
  /** 631,188 parameters, of which the decoder has 315,584. */
  mlp: {
    ...image,
    latentDim: 2,
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
    latentDim: 16,
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
  /** Small enough to train in seconds: for trying the chain from end to end, not for looking at. */
  smoke: {
    ...image,
    latentDim: 4,
    encoder: [{ kind: "conv2d", filters: 8, kernel: 4, stride: 4, activation: "relu" }, { kind: "flatten" }],
    decoder: [
      { kind: "dense", units: 392, activation: "relu" },
      { kind: "reshape", shape: [7, 7, 8] },
      { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 4, activation: "sigmoid" },
    ],
  },
} satisfies Record<string, ModelSpec>;

export type PresetName = keyof typeof presets;
