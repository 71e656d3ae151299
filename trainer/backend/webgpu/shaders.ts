// The shaders of a step other than products: the batch, the latent and its gradient, the loss, Adam.

import type { TrainingConfig } from "../../train/config.ts";
import type { AdamConstants } from "../adam.ts";
import type { GradientLayout } from "./layers.ts";
import { STREAMS } from "./random.ts";

/** Threads per workgroup in shaders with one thread per element. */
export const THREADS = 256;

/** Words of `run`: step, epoch, two unused ones, then from RUN_HEAD on four float32 for every step. */
export const RUN_HEAD = 4;
export const RUN_STEP = 4;
const stepConstant = (i: number) => `bitcast<f32>(run[${RUN_HEAD}u + ${RUN_STEP}u * run[0] + ${i}u])`;
export const LEARNING_RATE = 0;
export const M_CORRECTION = 1;
export const V_CORRECTION = 2;
export const BETA = 3;

const perElement = (count: number, body: string) => /* wgsl */ `
  @compute @workgroup_size(${THREADS})
  fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if (i >= ${count}u) { return; }
    ${body}
  }`;

/**
 * Gathers a batch: `pixels` by `order` into `inputs` and, where they differ, `targets`; rotated, shifted, binarised and
 * made noisy like trainer/data/augment.ts on the host.
 * @param stride  images of a whole batch: each step advances by it in `order`
 */
export function batchShader(
  { count, stride, height, width }: { count: number; stride: number; height: number; width: number },
  { augment, binarise }: Pick<TrainingConfig, "augment" | "binarise">,
  random: string,
): string {
  const size = height * width;
  const moved = /* wgsl */ `
    let m = bitsOf(b, ${STREAMS.move}u);
    let angle = (2.0 * uniformOf(m.x) - 1.0) * 0.17453292519943295;
    let shift = vec2<f32>(2.0 * uniformOf(m.y) - 1.0, 2.0 * uniformOf(m.z) - 1.0) * vec2<f32>(${width / 10}, ${height / 10});
    let centre = vec2<f32>(${(width - 1) / 2}, ${(height - 1) / 2});
    let d = vec2<f32>(f32(p % ${width}u), f32(p / ${width}u)) - centre - shift;
    let origin = vec2<f32>(cos(angle) * d.x + sin(angle) * d.y, cos(angle) * d.y - sin(angle) * d.x) + centre;
    let corner = vec2<i32>(floor(origin));
    let part = fract(origin);
    var value = mix(mix(pixel(image, corner.x, corner.y), pixel(image, corner.x + 1, corner.y), part.x),
      mix(pixel(image, corner.x, corner.y + 1), pixel(image, corner.x + 1, corner.y + 1), part.x), part.y);`;
  return /* wgsl */ `
    ${augment || binarise ? random : ""}
    fn pixel(image: u32, x: i32, y: i32) -> f32 {
      if (x < 0 || y < 0 || x >= ${width} || y >= ${height}) { return 0.0; }
      let at = image * ${size}u + u32(y) * ${width}u + u32(x);
      return f32((pixels[at / 4u] >> (8u * (at % 4u))) & 255u) / 255.0;
    }
    ${perElement(
      count * size,
      /* wgsl */ `
      let b = i / ${size}u;
      let p = i % ${size}u;
      let image = order[run[0] * ${stride}u + b];
      ${augment ? moved : `var value = pixel(image, i32(p % ${width}u), i32(p / ${width}u));`}
      ${binarise ? `value = select(0.0, 1.0, uniformOf(bitsOf(i, ${STREAMS.binarise}u).x) < value);` : ""}
      targets[i] = value;
      ${augment ? `inputs[i] = clamp(value + (2.0 * uniformOf(bitsOf(i, ${STREAMS.grain}u).x) - 1.0) * 0.1, 0.0, 1.0);` : ""}`,
    )}`;
}

/** Heads, as partial sums [split, batch, 2 * latent], to mu and logVar, z, the noise, and the KL terms. */
export function latentShader(batch: number, latent: number, split: number, random: string): string {
  return /* wgsl */ `
    ${random}
    fn head(b: u32, unit: u32) -> f32 {
      var sum = bias[unit];
      for (var s = 0u; s < ${split}u; s++) { sum += partials[(s * ${batch}u + b) * ${2 * latent}u + unit]; }
      return sum;
    }
    ${perElement(
      batch * latent,
      /* wgsl */ `
      let b = i / ${latent}u;
      let mu = head(b, i % ${latent}u);
      let logVar = head(b, ${latent}u + i % ${latent}u);
      let n = normalOf(i, ${STREAMS.latent}u);
      heads[b * ${2 * latent}u + i % ${latent}u] = mu;
      heads[b * ${2 * latent}u + ${latent}u + i % ${latent}u] = logVar;
      noise[i] = n;
      z[i] = mu + exp(0.5 * logVar) * n;
      kl[i] = -0.5 * (1.0 + logVar - mu * mu - exp(logVar));`,
    )}`;
}

/** The gradient by z, as partial sums [split, batch, latent], to the gradient by the heads, including the KL's. */
export function latentGradientShader(batch: number, latent: number, split: number): string {
  return perElement(
    batch * latent,
    /* wgsl */ `
    var dz = 0.0;
    for (var s = 0u; s < ${split}u; s++) { dz += partials[s * ${batch * latent}u + i]; }
    let at = (i / ${latent}u) * ${2 * latent}u + i % ${latent}u;
    let mu = heads[at];
    let logVar = heads[at + ${latent}u];
    let beta = ${stepConstant(BETA)};
    headsGradient[at] = dz + beta * mu;
    headsGradient[at + ${latent}u] = 0.5 * (dz * exp(0.5 * logVar) * noise[i] + beta * (exp(logVar) - 1.0));`,
  );
}

const sumInWorkgroup = /* wgsl */ `
  var<workgroup> sums: array<f32, ${THREADS}>;
  fn sumOfAll(value: f32, index: u32) -> f32 {
    sums[index] = value;
    for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (index < half) { sums[index] += sums[index + half]; }
    }
    workgroupBarrier();
    return sums[0];
  }`;

/** Binary cross-entropy, nats, and its gradient by the logits, with one image per workgroup. */
export function reconstructionShader(pixels: number): string {
  return /* wgsl */ `
    ${sumInWorkgroup}
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
      var loss = 0.0;
      for (var p = index; p < ${pixels}u; p += ${THREADS}u) {
        let i = group.x * ${pixels}u + p;
        let x = logits[i];
        let t = targets[i];
        let tail = exp(-abs(x));
        loss += max(x, 0.0) - x * t + log(1.0 + tail);
        gradient[i] = select(tail, 1.0, x >= 0.0) / (1.0 + tail) - t;
      }
      let sum = sumOfAll(loss, index);
      if (index == 0u) { reconstruction[group.x] = sum; }
    }`;
}

/** Sums both parts of the loss over the batch, stores them for the step, and advances to the next step. */
export function lossShader(batch: number, latent: number): string {
  return /* wgsl */ `
    ${sumInWorkgroup}
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(local_invocation_index) index: u32) {
      var parts = vec2<f32>(0.0);
      for (var i = index; i < ${batch}u; i += ${THREADS}u) { parts.x += reconstruction[i]; }
      for (var i = index; i < ${batch * latent}u; i += ${THREADS}u) { parts.y += kl[i]; }
      let first = sumOfAll(parts.x, index);
      workgroupBarrier();
      let second = sumOfAll(parts.y, index);
      if (index == 0u) {
        losses[2u * run[0]] = first;
        losses[2u * run[0] + 1u] = second;
        run[0] += 1u;
      }
    }`;
}

/** Adam (Kingma & Ba 2015, Algorithm 1) on a layer's kernel and bias, from the partial sums of their gradients. */
export function adamShader(
  kernelSize: number,
  biasSize: number,
  { split, rows, columns, kernelAt, biasAt }: GradientLayout,
  { beta1, beta2, epsilon }: AdamConstants,
): string {
  const update = (p: string) => /* wgsl */ `
    let m = m_${p}[i] * ${beta1} + g * ${1 - beta1};
    let v = v_${p}[i] * ${beta2} + g * g * ${1 - beta2};
    m_${p}[i] = m;
    v_${p}[i] = v;
    ${p}[i] -= m * (${stepConstant(LEARNING_RATE)} / ${stepConstant(M_CORRECTION)}) /
      (sqrt(v / ${stepConstant(V_CORRECTION)}) + ${epsilon});`;
  return /* wgsl */ `
    fn gradientAt(at: u32) -> f32 {
      var sum = 0.0;
      for (var s = 0u; s < ${split}u; s++) { sum += gradients[s * ${rows * columns}u + at]; }
      return sum;
    }
    fn updateKernel(i: u32) {
      let g = gradientAt(${kernelAt});
      ${update("kernel")}
    }
    fn updateBias(i: u32) {
      let g = ${biasAt.map((at) => `gradientAt(${at})`).join(" + ")};
      ${update("bias")}
    }
    ${perElement(kernelSize + biasSize, `if (i < ${kernelSize}u) { updateKernel(i); } else { updateBias(i - ${kernelSize}u); }`)}`;
}
