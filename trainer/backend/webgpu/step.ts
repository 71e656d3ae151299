// A training or a validation step as a fixed list of dispatches: batch, encoder, latent, decoder, loss, and back. What
// changes from step to step lies in the buffer `run`, so the list is recorded again and again as it is.

import type * as tf from "@tensorflow/tfjs";
import { latentDim } from "../../../shared/latent/kind.ts";
import { type PlannedLayer, planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { size } from "../../../shared/model/spec.ts";
import { BackendError } from "../../errors.ts";
import type { TrainingConfig } from "../../train/config.ts";
import type { AdamConfig } from "../ops.ts";
import { type Arena, bufferOf } from "./buffers.ts";
import {
  backward,
  type DeviceLayer,
  forward,
  gradientLayout,
  isReluLayer,
  type LayerBuffers,
  weightGradients,
} from "./layers.ts";
import { productSource, splitOf } from "./product.ts";
import { type Binding, createProgram, type Program, type ProgramSource } from "./program.ts";
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

/** What steps of all sizes share. */
export interface StepContext {
  readonly device: GPUDevice;
  readonly arena: Arena;
  readonly config: TrainingConfig;
  readonly adam: Omit<AdamConfig, "learningRate">;
  /** By planned name such as "decoder_0/kernel", and "m/" and "v/" of it: tensors on tfjs's webgpu backend. */
  readonly weights: ReadonlyMap<string, tf.Tensor>;
  readonly image: { readonly height: number; readonly width: number };
  /** All images, bytes. */
  readonly pixels: GPUBuffer;
}

export interface StepOptions {
  /** Images of this step. */
  readonly batch: number;
  /** Images of a whole step, by which the steps go through `order`. */
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
  /** For tests: what the step drew and saw. */
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
  const trains = mode === "train";
  const random = randomSource(config.seed);
  const seen = { augment: config.augment && trains, binarise: config.binarise };
  const words = (label: string, length: number) => arena.words(`${label}, ${batch}`, length);
  const pixels = image.height * image.width;
  const readsU32 = (name: string, buffer: GPUBuffer): Binding => ({ ...reads(name, buffer), type: "u32" });
  const perElement = (count: number) => [Math.ceil(count / THREADS), 1, 1] as const;

  // Buffers between the layers; the encoder's last layer leaves partial sums for the latent to finish.
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
    return plan.map((planned, i) => {
      const isRelu = isReluLayer(planned);
      const layer: DeviceLayer = {
        ...{ planned, batch, isRelu, number: offset + i },
        dropout: trains && isRelu ? config.dropout : 0,
      };
      const isHeads = offset === 0 && i === plan.length - 1;
      const length = batch * size(planned.output);
      const output = isHeads ? headsPartials : words(planned.name, length);
      const outputGradient = isHeads ? headsGradient : words(`${planned.name} gradient`, length);
      const { split: parts, rows, columns } = gradientLayout(layer);
      const buffers: LayerBuffers = {
        ...{ input, output, inputGradient, outputGradient, run },
        kernel: weightOf(context, planned, 0),
        bias: weightOf(context, planned, 1),
        gradients: trains ? words(`${planned.name} weight gradients`, parts * rows * columns) : output,
      };
      [input, inputGradient] = [output, outputGradient];
      return { layer, buffers };
    });
  };
  const encoder = chain(plans[0], inputs, inputs, 0);
  const decoder = chain(plans[1], z, zPartials, plans[0].length);
  const logits = decoder.at(-1)!.buffers;

  const programs: ProgramSource[] = [];
  programs.push({
    label: "batch",
    bindings: [
      readsU32("pixels", context.pixels),
      readsU32("order", order),
      readsU32("run", run),
      writes("targets", targets),
      ...(seen.augment ? [writes("inputs", inputs)] : []),
    ],
    code: batchShader({ count: batch, stride, ...image }, seen, random),
    workgroups: perElement(batch * pixels),
  });
  for (const { layer, buffers } of encoder.slice(0, -1))
    programs.push(productSource(forward(layer, buffers, random)));
  programs.push(productSource(headsProduct(encoder.at(-1)!, split.heads)));
  programs.push({
    label: "latent",
    bindings: [
      reads("partials", headsPartials),
      reads("bias", encoder.at(-1)!.buffers.bias),
      readsU32("run", run),
      writes("heads", heads),
      writes("noise", noise),
      writes("z", z),
      writes("kl", kl),
    ],
    code: latentShader(batch, dim, split.heads, random),
    workgroups: perElement(batch * dim),
  });
  for (const { layer, buffers } of decoder) programs.push(productSource(forward(layer, buffers, random)));
  programs.push({
    label: "reconstruction",
    bindings: [
      reads("logits", logits.output),
      reads("targets", targets),
      writes("gradient", logits.outputGradient),
      writes("reconstruction", reconstruction),
    ],
    code: reconstructionShader(pixels),
    workgroups: [batch, 1, 1],
  });
  if (trains) {
    for (const { layer, buffers } of decoder.toReversed()) {
      programs.push(productSource(weightGradients(layer, buffers)));
      const isFirst = layer === decoder[0]!.layer;
      programs.push(
        productSource(isFirst ? zProduct({ layer, buffers }, split.z) : backward(layer, buffers)),
      );
    }
    programs.push({
      label: "latent gradient",
      bindings: [
        reads("partials", zPartials),
        reads("heads", heads),
        reads("noise", noise),
        readsU32("run", run),
        writes("headsGradient", headsGradient),
      ],
      code: latentGradientShader(batch, dim, split.z),
      workgroups: perElement(batch * dim),
    });
    for (const { layer, buffers } of encoder.toReversed()) {
      programs.push(productSource(weightGradients(layer, buffers)));
      if (layer !== encoder[0]!.layer) programs.push(productSource(backward(layer, buffers)));
    }
    for (const entry of [...encoder, ...decoder]) programs.push(adamSource(context, entry));
  }
  programs.push({
    label: "loss",
    bindings: [
      reads("reconstruction", reconstruction),
      reads("kl", kl),
      writes("losses", losses),
      { ...writes("run", run), type: "u32" },
    ],
    code: lossShader(batch, dim),
    workgroups: [1, 1, 1],
  });
  return { programs, inputs, targets, noise };
}

interface Entry {
  readonly layer: DeviceLayer;
  readonly buffers: LayerBuffers;
}

const reads = (name: string, buffer: GPUBuffer): Binding => ({ name, buffer, access: "read" });
const writes = (name: string, buffer: GPUBuffer): Binding => ({ name, buffer, access: "read_write" });

/** The heads' product without its bias, in parts, since it is narrow and deep. */
function headsProduct({ layer, buffers }: Entry, split: number) {
  const product = forward(layer, buffers, "");
  const { rows, columns } = product;
  const bindings = product.bindings.filter(({ name }) => name !== "bias");
  return { ...product, bindings, split, store: `y[(chunk * ${rows}u + row) * ${columns}u + col] = value;` };
}

/** The gradient by z, in parts for the same reason. */
function zProduct({ layer, buffers }: Entry, split: number) {
  if (layer.planned.layer.kind !== "dense") {
    throw new BackendError("the webgpu backend trains decoders that begin with a dense layer.");
  }
  const product = backward(layer, buffers);
  const { rows, columns } = product;
  return { ...product, split, store: `dx[(chunk * ${rows}u + row) * ${columns}u + col] = value;` };
}

function adamSource(context: StepContext, { layer, buffers }: Entry): ProgramSource {
  const { planned } = layer;
  const [kernel, bias] = planned.weights as [
    PlannedLayer["weights"][number],
    PlannedLayer["weights"][number],
  ];
  const moments = (["m", "v"] as const).flatMap((moment) => [
    writes(`${moment}_kernel`, bufferOf(context.weights.get(`${moment}/${kernel.name}`)!)),
    writes(`${moment}_bias`, bufferOf(context.weights.get(`${moment}/${bias.name}`)!)),
  ]);
  const [kernelSize, biasSize] = [size(kernel.shape), size(bias.shape)];
  return {
    label: `${planned.name} adam`,
    bindings: [
      writes("kernel", buffers.kernel),
      writes("bias", buffers.bias),
      ...moments,
      reads("gradients", buffers.gradients),
      { ...reads("run", buffers.run), type: "u32" },
    ],
    code: adamShader(kernelSize, biasSize, gradientLayout(layer), context.adam),
    workgroups: [Math.ceil((kernelSize + biasSize) / THREADS), 1, 1],
  };
}

function weightOf({ weights }: StepContext, planned: PlannedLayer, i: 0 | 1): GPUBuffer {
  return bufferOf(weights.get(planned.weights[i]!.name)!);
}
