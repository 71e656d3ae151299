// What differs between kinds of latent, for all who read models. A kind is a folder here with a schema and an object that
// satisfies LatentKind; kind.ts says which one a model has, and nobody else asks.

import type { Layer, ModelSpec, WeightSpec } from "../model/spec.ts";
import type { Mixture } from "./gaussian/mixture.ts";
import type { Path, Spread, Walk } from "./walk.ts";

export interface LatentKind {
  /** Arithmetic that turns a seed into pixels. */
  readonly scheme: string;
  /** Numbers that the decoder takes. @throws SpecError */
  readonly dim: (spec: ModelSpec) => number;
  /** Layers that follow the spec's encoder, and the numbers that come out of them. */
  readonly encoder: (spec: ModelSpec) => { readonly heads: readonly Layer[]; readonly outputs: number };
  /** The spec with another number of latent dimensions. @throws SpecError where the layers decide it */
  readonly resize: (spec: ModelSpec, dim: number) => ModelSpec;
  /** Tensors of its own, beside those of encoder and decoder. @throws SpecError */
  readonly weights: (spec: ModelSpec) => readonly WeightSpec[];
  /** Numbers that tell a latent, and how many values each has where they are whole numbers. */
  readonly size: (spec: ModelSpec) => { readonly count: number; readonly values?: number };

  /** Part of the loss that the epochs of the first stage lower. */
  readonly epochLoss: "total" | "reconstruction";

  /** The parameter of /decode that tells a latent. */
  readonly input: "z" | "codes";
  /** After a model's name, for a request that gives another parameter. */
  readonly describeInput: (spec: ModelSpec) => string;
  /**
   * @param model  what the message calls it
   * @throws ArgumentError for numbers that are no latent of the model
   */
  readonly checkInput: (spec: ModelSpec, values: readonly number[], model: string) => void;

  /** What a release offers, the default first. */
  readonly samplers: (files: ReleaseFileNames) => readonly SamplerOffer[];
  /** The default guidance; absent where a kind has none. */
  readonly guidance?: (spec: ModelSpec) => number;
  /** @throws SamplerError for a choice that a release does not offer */
  readonly checkChoice: (choice: LatentChoice, files: ReleaseFileNames) => void;
  /** Whether a thousand draws take milliseconds. */
  readonly drawsFast: boolean;
  /** Ways between two latents that differ, the default first. */
  readonly paths: readonly Path[];

  /** What drawing and reading latents costs, by measured factors (npm run bench:limits). */
  readonly work: (spec: ModelSpec) => LatentWork;

  /** Files that a release may hold for it. */
  readonly files: readonly string[];
  /**
   * Reads a release's latent.
   * @param read  bytes of a file, compared with its digest
   * @param kernels  gives build/decode-kernels.wasm, compiled, to those who need it
   * @throws SchemaError, WeightsError, UnsupportedReleaseError; what `read` throws
   */
  readonly open: (
    spec: ModelSpec,
    files: ReleaseFileNames,
    read: (file: string) => Promise<Uint8Array>,
    kernels: () => WebAssembly.Module | Promise<WebAssembly.Module>,
  ) => Promise<OpenLatent>;
}

/** In multiply-adds of a decoder that take as long. */
export interface LatentWork {
  /** Of `count` draws at once. */
  readonly draw: (count: number) => number;
  /** Of `count` points of a walk between draws. */
  readonly walk: (count: number) => number;
  /** Of the latent of a picture, after the encoder. */
  readonly encode: number;
}

/** A release's latent, ready to use. */
export interface OpenLatent {
  /** Those that it can be asked for: none without a class-conditional sampler, else what training had. */
  readonly digits: readonly number[];
  /**
   * What a seed stands for.
   * @throws SeedError; SamplerError, ArgumentError when the release cannot draw in the way that is asked for
   */
  readonly draw: (seed: string, choice: LatentChoice) => LatentDraw;
  /** The same for several seeds, which may be faster than one by one. */
  readonly drawAll: (requests: readonly DrawRequest[]) => LatentDraw[];
  /**
   * A walk through draws of this latent, ends included; where a kind has one path, it goes that way.
   * @throws ArgumentError
   */
  readonly walk: (draws: readonly LatentDraw[], walk: Walk) => LatentPoint[];
  /**
   * The latent of an encoder's output.
   * @param digit  on the image, for encoders that are given it
   * @throws ArgumentError where such an encoder is not
   */
  readonly encode: (outputs: Float32Array, digit?: number) => LatentPoint;
  /** The nearest latent that /decode can be asked for, and the numbers that tell it. */
  readonly nearest: (latent: Float32Array) => {
    readonly latent: Float32Array;
    readonly values: ArrayLike<number>;
  };
  /** The latent that such numbers tell. @throws ArgumentError */
  readonly decode: (values: ArrayLike<number>) => Float32Array;
  /** p(digit | latent), by digit, where the release can say. */
  readonly readDigit?: ((latent: Float32Array) => readonly number[]) | undefined;
  /**
   * The noise that draws the likeliest digit nearest to a latent, without guidance, and the latent that it draws; of kinds
   * that make latents of noise.
   */
  readonly findNoise?: (latent: Float32Array) => LatentPoint;
  /**
   * Latents around one, for the same kinds.
   * @param steps  through noise space, float32 [dim] each; a step of zeros gives the latent itself, to rounding
   */
  readonly vary?: (latent: Float32Array, steps: readonly Float32Array[]) => Float32Array[];
  /** Where its latents lie, where that is not about N(0, I). */
  readonly spread?: Spread;
  /** Where digits lie, by class, where the release has it. */
  readonly mixture?: Mixture | undefined;
  /** Memory that it takes, about. */
  readonly bytes: number;
}

/** How a latent is drawn, beside its seed. */
export interface LatentChoice {
  /** 0 to 9; needs a class-conditional sampler. */
  readonly digit?: number | undefined;
  /** Without a choice it is the release's default. */
  readonly sampler?: "mixture" | "prior" | undefined;
  /** Spread about the mean, 0 to 2; 1 (the default) is the distribution itself. */
  readonly temperature?: number | undefined;
  /** How far classes are driven apart, 0 to 0.5, for kinds that have guidance (Ho & Salimans 2022). */
  readonly guidance?: number | undefined;
}

export interface DrawRequest extends LatentChoice {
  readonly seed: string;
}

export interface SamplerOffer {
  readonly name: NonNullable<LatentChoice["sampler"]>;
  /** Whether it can be asked for a digit. */
  readonly takesDigit: boolean;
}

/** A latent, and how JSON tells it. */
export interface LatentPoint {
  /** The decoder's input, float32 [latentDim]. */
  readonly latent: Float32Array;
  /** Numbers by name: the latent itself, or what it was made from. */
  readonly numbers: Readonly<Record<string, ArrayLike<number>>>;
}

/** A latent, and what it was drawn from. */
export interface LatentDraw extends LatentPoint {
  readonly seed: string;
  /** The class that it was drawn from, where the sampler has classes. */
  readonly digit?: number;
}

/** A card's list of files. */
export type ReleaseFileNames = Readonly<Record<string, { readonly bytes: number }>>;
