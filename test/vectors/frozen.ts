// How the frozen vectors of scheme s1 are computed: latents of 2,000 seeds, and the logits that fixed weights make of
// them, as hashes of their float32 bits. test/vectors/s1.json holds the answers; it is never edited.

import { murmur3 } from "../../shared/arithmetic/random.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import { presets } from "../../shared/model/presets.ts";
import type { Weights } from "../../shared/model/weights.ts";
import { drawWeights } from "../fixture.ts";

/** The numbers 0 to 1,983 as seeds, and sixteen that are harder to get right. */
export const seeds: readonly string[] = [
  ...Array.from({ length: 1984 }, (_, i) => String(i)),
  ...[
    "a",
    "b",
    "ab",
    "ba",
    "Ada Lovelace",
    " ",
    "  ",
    "00",
    "-1",
    "1e3",
    "ção",
    "e\u0301",
    "é",
    "日本語",
    "😀",
  ],
  "x".repeat(128),
];

/** Presets whose decoders are frozen, with weights drawn from their name. */
export const models = (["mlp", "cnn"] as const).map((name) => {
  const spec = presets[name];
  const weights: Weights = drawWeights(planDecoder(spec), `vectors/${name}`, 0.1);
  return { name, spec, weights };
});

/** Bits of float32 values as hex digits, little-endian. */
export function bitsOf(values: Float32Array): string {
  return Array.from(new Uint8Array(values.slice().buffer), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** MurmurHash3 (128 bits) of the bits. */
export function hashOf(values: Float32Array | Uint8Array): string {
  const bytes = new Uint8Array(values.slice().buffer);
  return murmur3(bytes)
    .map((word) => (word >>> 0).toString(16).padStart(8, "0"))
    .join("");
}
