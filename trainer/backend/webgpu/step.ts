// A training or a validation step as a fixed list of dispatches: batch, encoder, latent, decoder, loss, and back. What
// changes from step to step is in the buffer `run`, so the same list is recorded every time.

import type * as tf from "@tensorflow/tfjs";
import { latentDim } from "../../../shared/latent/kind.ts";
import type { PlannedLayer } from "../../../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { activationOf, size, type WeightSpec } from "../../../shared/model/spec.ts";
import type { TrainingConfig } from "../../train/config.ts";
import type { AdamConstants } from "../adam.ts";
import { type Arena, bufferOf } from "./buffers.ts";
import { backward, type DeviceLayer, forward, gradientLayout, weightGradients } from "./layers.ts";
import { productSource, splitOf } from "./product.ts";
import { createProgram, type Program, type ProgramSource, reads, writes } from "./program.ts";
import { randomSource } from "./random.ts";
import {
  adamShader,
  batchShader,
  latentGradientShader,
  latentShader,
  lossShader,
  reconstructionShader,
  THREADS,
} from "./shaders.ts";

/** Shared by steps of all sizes. */
export interface StepContext {
  readonly device: GPUDevice;
  readonly arena: Arena;
  readonly config: TrainingConfig;
  readonly adam: AdamConstants;
  /** By planned name such as "decoder_0/kernel", and "m/" and "v/" of it: tensors on tfjs's webgpu backend. */
  readonly weights: ReadonlyMap<string, tf.Tensor>;
  readonly image: { readonly height: number; readonly width: number };
  /** All images, bytes. */
  readonly pixels: GPUBuffer;
}

export interface StepOptions {
  /** Images of this step. */
  readonly batch: number;
  /** Images of a whole step: each step advances by it in `order`. */
  readonly stride: number;
  readonly mode: "train" | "validate";
  /** uint32 indices of images. */
  readonly order: GPUBuffer;
  readonly run: GPUBuffer;
  /** float32 [steps, 2]: reconstruction and KL, sums over the batch. */
  readonly losses: GPUBuffer;
}

export interface DeviceStep {
  readonly programs: readonly Program[];
  /** For tests: what the step drew and its inputs. */
  readonly inputs: GPUBuffer;
  readonly targets: GPUBuffer;
  readonly noise: GPUBuffer;
}

export async function createStep(context: StepContext, options: StepOptions): Promise<DeviceStep> {
  const sources = stepSources(context, options);
  const programs = await Promise.all(sources.programs.map((source) => createProgram(context.device, source)));
  return { ...sources, programs };
}

function stepSources(context: StepContext, { batch, stride, mode, order, run, losses }: StepOptions) {
  const { arena, config, image } = context;
  const dim = latentDim(config.spec);
  const isTraining = mode === "train";
  const random = randomSource(config.seed);
  const seen = { augment: config.augment && isTraining, binarise: config.binarise };
  const words = (label: string, length: number) => arena.words(`${label}, ${batch}`, length);
  const pixels = image.height * image.width;
  const perElement = (count: number) => [Math.ceil(count / THREADS), 1, 1] as const;

  // Buffers between the layers. The narrow, deep products (the encoder's last layer and the gradient by z) are
  // partial sums, which the latent's shaders add up.
  const targets = words("targets", batch * pixels);
  const inputs = seen.augment ? words("inputs", batch * pixels) : targets;
  const noise = words("noise", batch * dim);
  const heads = words("heads", 2 * batch * dim);
  const headsGradient = words("headsGradient", 2 * batch * dim);
  const z = words("z", batch * dim);
  const kl = words("kl", batch * dim);
  const reconstruction = words("reconstruction", batch);
  const plans = [planEncoder(config.spec), planDecoder(config.spec)].map((plan) =>
    plan.filter((planned) => planned.weights.length > 0),
  ) as [PlannedLayer[], PlannedLayer[]];
  const split = {
    heads: splitOf(batch, 2 * dim, size(plans[0].at(-1)!.input)),
    z: splitOf(batch, dim, size(plans[1][0]!.output)),
  };
  const headsPartials = words("headsPartials", split.heads * 2 * batch * dim);
  const zPartials = words("zPartials", split.z * batch * dim);

  const chain = (
    plan: readonly PlannedLayer[],
    first: GPUBuffer,
    firstGradient: GPUBuffer,
    offset: number,
  ) => {
    let [input, inputGradient] = [first, firstGradient];
    return plan.map((planned, i): DeviceLayer => {
      const isRelu = activationOf(planned.layer) === "relu";
      const isHeads = offset === 0 && i === plan.length - 1;
      const length = batch * size(planned.output);
      const output = isHeads ? headsPartials : words(planned.name, length);
      const outputGradient = isHeads ? headsGradient : words(`${planned.name} gradient`, length);
      const { split: parts, rows, columns } = gradientLayout(planned, batch);
      const layer = {
        ...{ planned, batch, isRelu, number: offset + i },
        dropout: isTraining && isRelu ? config.dropout : 0,
        ...{ input, output, inputGradient, outputGradient, run },
        kernel: weightOf(context, planned.weights[0]!.name),
        bias: weightOf(context, planned.weights[1]!.name),
        gradients: isTraining ? words(`${planned.name} weight gradients`, parts * rows * columns) : output,
      };
      [input, inputGradient] = [output, outputGradient];
      return layer;
    });
  };
  const encoder = chain(plans[0], inputs, inputs, 0);
  const decoder = chain(plans[1], z, zPartials, plans[0].length);
  const headsLayer = encoder.at(-1)!;
  const logits = decoder.at(-1)!;

  const programs: ProgramSource[] = [
    {
      label: "batch",
      bindings: [
        reads("pixels", context.pixels, "u32"),
        reads("order", order, "u32"),
        reads("run", run, "u32"),
        writes("targets", targets),
        ...(seen.augment ? [writes("inputs", inputs)] : []),
      ],
      code: batchShader({ count: batch, stride, ...image }, seen, random),
      workgroups: perElement(batch * pixels),
    },
    ...encoder.slice(0, -1).map((layer) => productSource(forward(layer, random))),
    productSource(headsProduct(headsLayer, split.heads)),
    {
      label: "latent",
      bindings: [
        reads("partials", headsPartials),
        reads("bias", headsLayer.bias),
        reads("run", run, "u32"),
        writes("heads", heads),
        writes("noise", noise),
        writes("z", z),
        writes("kl", kl),
      ],
      code: latentShader(batch, dim, split.heads, random),
      workgroups: perElement(batch * dim),
    },
    ...decoder.map((layer) => productSource(forward(layer, random))),
    {
      label: "reconstruction",
      bindings: [
        reads("logits", logits.output),
        reads("targets", targets),
        writes("gradient", logits.outputGradient),
        writes("reconstruction", reconstruction),
      ],
      code: reconstructionShader(pixels),
      workgroups: [batch, 1, 1],
    },
  ];
  if (isTraining) {
    for (const layer of decoder.toReversed()) {
      const isFirst = layer === decoder[0];
      programs.push(productSource(weightGradients(layer)));
      programs.push(productSource(backward(layer, isFirst ? split.z : 1)));
    }
    programs.push({
      label: "latent gradient",
      bindings: [
        reads("partials", zPartials),
        reads("heads", heads),
        reads("noise", noise),
        reads("run", run, "u32"),
        writes("headsGradient", headsGradient),
      ],
      code: latentGradientShader(batch, dim, split.z),
      workgroups: perElement(batch * dim),
    });
    for (const layer of encoder.toReversed()) {
      programs.push(productSource(weightGradients(layer)));
      if (layer !== encoder[0]) programs.push(productSource(backward(layer)));
    }
    for (const layer of [...encoder, ...decoder]) programs.push(adamSource(context, layer));
  }
  programs.push({
    label: "loss",
    bindings: [
      reads("reconstruction", reconstruction),
      reads("kl", kl),
      writes("losses", losses),
      writes("run", run, "u32"),
    ],
    code: lossShader(batch, dim),
    workgroups: [1, 1, 1],
  });
  return { programs, inputs, targets, noise };
}

/** The heads' product without its bias, as partial sums. */
function headsProduct(layer: DeviceLayer, split: number) {
  const product = forward(layer, "");
  const { rows, columns } = product;
  return { ...product, split, store: `y[(chunk * ${rows}u + row) * ${columns}u + col] = value;` };
}

function adamSource(context: StepContext, layer: DeviceLayer): ProgramSource {
  const { planned, batch } = layer;
  const [kernel, bias] = planned.weights as [WeightSpec, WeightSpec];
  const [kernelSize, biasSize] = [size(kernel.shape), size(bias.shape)];
  return {
    label: `${planned.name} adam`,
    bindings: [
      writes("kernel", layer.kernel),
      writes("bias", layer.bias),
      writes("m_kernel", weightOf(context, `m/${kernel.name}`)),
      writes("m_bias", weightOf(context, `m/${bias.name}`)),
      writes("v_kernel", weightOf(context, `v/${kernel.name}`)),
      writes("v_bias", weightOf(context, `v/${bias.name}`)),
      reads("gradients", layer.gradients),
      reads("run", layer.run, "u32"),
    ],
    code: adamShader(kernelSize, biasSize, gradientLayout(planned, batch), context.adam),
    workgroups: [Math.ceil((kernelSize + biasSize) / THREADS), 1, 1],
  };
}

function weightOf({ weights }: StepContext, name: string): GPUBuffer {
  return bufferOf(weights.get(name)!);
}
