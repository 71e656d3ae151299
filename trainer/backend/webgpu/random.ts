// Random numbers on the device: a counter in, bits out, so that every draw is a pure function of seed, epoch, step and
// element. PCG4D (Jarzynski & Olano 2020, "Hash Functions for GPU Rendering"), normals by Box & Muller (1958).

import { murmur3 } from "../../../shared/arithmetic/random.ts";

/** Purposes of draws; equal elements of different streams are independent. */
export const STREAMS = { latent: 0, move: 1, binarise: 2, grain: 3, dropout: 16 } as const;

/**
 * WGSL of `bitsOf(element, stream)`, `uniformOf(bits)` in (0, 1) and `normalOf(element, stream)`. Needs the binding
 * `run`, whose first words are step and epoch.
 */
export function randomSource(seed: string): string {
  const [a, b] = murmur3(`${seed}/device`).map((word) => word >>> 0);
  return /* wgsl */ `
    fn bitsOf(element: u32, stream: u32) -> vec4<u32> {
      var v = vec4<u32>(element, run[0], run[1] ^ ${a}u, stream ^ ${b}u) * 1664525u + 1013904223u;
      v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
      v ^= v >> vec4<u32>(16u);
      v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
      return v;
    }
    fn uniformOf(bits: u32) -> f32 { return (f32(bits >> 9u) + 0.5) / 8388608.0; }
    fn normalOf(element: u32, stream: u32) -> f32 {
      let bits = bitsOf(element, stream);
      return sqrt(-2.0 * log(uniformOf(bits.x))) * cos(6.283185307179586 * uniformOf(bits.y));
    }`;
}
