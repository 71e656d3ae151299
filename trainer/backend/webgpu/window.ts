// The position of a convolution's window on its images, and WGSL that reads through it.

import type { PlannedLayer } from "../../../shared/model/layers.ts";
import { paddingBefore } from "../../../shared/model/spec.ts";
import { BackendError } from "../../errors.ts";

/**
 * The window of a convolution, which slides over the larger of its two images: `large` [H, W, C], `small` [h, w, c],
 * kernel [k, k, C, c]. A dense layer is a convolution of one pixel.
 * @throws BackendError if windows do not cover every pixel
 */
export function windowOf({ layer, input, output }: PlannedLayer) {
  const [large, small] = layer.kind === "conv2dTranspose" ? [output, input] : [input, output];
  const { kernel: k, stride: s } = "kernel" in layer ? layer : { kernel: 1, stride: 1 };
  if (layer.kind === "conv2dTranspose" && k < s) {
    throw new BackendError(
      `the webgpu backend cannot train a transposed convolution whose kernel, ${k}, is smaller than its stride, ${s}; choose another --backend`,
    );
  }
  const [H, W, C] = large;
  const [h, w, c] = small;
  return { H, W, C, h, w, c, k, s, top: paddingBefore(H, h, k, s), left: paddingBefore(W, w, k, s) };
}

export type Window = ReturnType<typeof windowOf>;

/** WGSL: reads `load(at)` of the large image under patch (small pixel `m`, window element `e`), 0 outside. */
export const gatherPatch = ({ H, W, C, h, w, k, s, top, left }: Window, load: string) => /* wgsl */ `
  fn seen(m: u32, e: u32) -> f32 {
    let n = m / ${h * w}u; let my = (m / ${w}u) % ${h}u; let mx = m % ${w}u;
    let ky = e / ${k * C}u; let kx = (e / ${C}u) % ${k}u; let ch = e % ${C}u;
    // Above or to the left of the image, the subtraction wraps around to a large number.
    let iy = my * ${s}u + ky - ${top}u; let ix = mx * ${s}u + kx - ${left}u;
    if (iy >= ${H}u || ix >= ${W}u) { return 0.0; }
    let at = ((n * ${H}u + iy) * ${W}u + ix) * ${C}u + ch;
    return ${load};
  }`;

/**
 * WGSL: the contributions of the small image to a pixel of the large one. Pixels with equally placed windows form a phase,
 * so that nothing is multiplied by zero (sub-pixel phases; Shi et al. 2016).
 */
export const scatterPhases = ({ H, W, C, h, w, c, k, s, top, left }: Window, load: string) => {
  const [rowsY, rowsX, taps] = [Math.ceil(H / s), Math.ceil(W / s), Math.ceil(k / s)];
  return {
    rowsPerImage: rowsY * rowsX,
    depth: taps * taps * c,
    phases: s * s,
    prelude: /* wgsl */ `
      fn kernelTap(d: u32) -> vec2<u32> {
        let t = vec2<u32>(d / ${taps * c}u, (d / ${c}u) % ${taps}u);
        return (vec2<u32>(phase / ${s}u + ${top}u, phase % ${s}u + ${left}u) % ${s}u) + t * ${s}u;
      }
      fn pixel(row: u32) -> vec3<u32> {
        let inImage = row % ${rowsY * rowsX}u;
        return vec3<u32>(row / ${rowsY * rowsX}u, (inImage / ${rowsX}u) * ${s}u + phase / ${s}u,
          (inImage % ${rowsX}u) * ${s}u + phase % ${s}u);
      }
      fn sent(row: u32, d: u32) -> f32 {
        let p = pixel(row);
        let tap = kernelTap(d);
        let reach = p.yz + vec2<u32>(${top}u, ${left}u) - tap;
        // A negative difference wraps around, and so lies outside of the image too.
        let source = reach / ${s}u;
        if (tap.x >= ${k}u || tap.y >= ${k}u || source.x >= ${h}u || source.y >= ${w}u) { return 0.0; }
        let at = ((p.x * ${h}u + source.x) * ${w}u + source.y) * ${c}u + d % ${c}u;
        return ${load};
      }`,
    weight: `let tap = kernelTap(d); if (tap.x >= ${k}u || tap.y >= ${k}u) { return 0.0; }
      return kernel[((tap.x * ${k}u + tap.y) * ${C}u + col) * ${c}u + d % ${c}u];`,
  };
};
