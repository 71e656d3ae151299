// Writes the frozen vectors of a new numeric scheme. Refuses to change existing ones: different arithmetic is a new scheme,
// with its own name and file.

import { existsSync, writeFileSync } from "node:fs";
import { pixelsFromLogits, runReference } from "../shared/decoder/reference.ts";
import { CODES_SCHEME } from "../shared/latent/codes/kind.ts";
import { FLOW_SCHEME } from "../shared/latent/flow/latent.ts";
import { SCHEME, sampleLatent } from "../shared/latent/gaussian/sample.ts";
import { GRAIN_SCHEME } from "../shared/latent/grain.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { planDecoder } from "../shared/model/plan.ts";
import { bitsOf, hashOf, models, seeds } from "../test/vectors/frozen.ts";
import { codeSeeds, computeCodes } from "../test/vectors/frozen-codes.ts";
import { computeFlow, flowSeeds } from "../test/vectors/frozen-flow.ts";
import { computeInk, inkSeeds, PICTURE_2 } from "../test/vectors/frozen-ink.ts";
import { computeNoise, noiseSeeds } from "../test/vectors/frozen-noise.ts";
import { loadDecodeKernels } from "../trainer/backend/decode-kernels.ts";

const schemes = [
  { scheme: SCHEME, count: seeds.length, compute: computeVectors },
  // Its reference takes minutes; test/shared/latent/code-scheme.test.ts compares it with the kernels.
  { scheme: CODES_SCHEME, count: codeSeeds.length, compute: () => computeCodes(loadDecodeKernels()) },
  { scheme: FLOW_SCHEME, count: flowSeeds.length, compute: () => computeFlow(loadDecodeKernels()) },
  { scheme: GRAIN_SCHEME, count: noiseSeeds.length, compute: () => computeNoise(loadDecodeKernels()) },
  { scheme: PICTURE_2, count: inkSeeds.length, compute: () => computeInk(loadDecodeKernels()) },
];
const missing = schemes.filter(({ scheme }) => !existsSync(pathOf(scheme)));
if (missing.length === 0)
  throw new Error("all schemes are frozen; different arithmetic is a different scheme");
for (const { scheme, count, compute } of missing) {
  writeFileSync(pathOf(scheme), `${JSON.stringify({ scheme, ...compute() }, null, 1)}\n`);
  console.log(`${pathOf(scheme)}: ${count} seeds`);
}

function pathOf(scheme: string): string {
  return `test/vectors/${scheme}.json`;
}

function computeVectors() {
  const latents = seeds.map((seed) => ({ seed, bits: bitsOf(sampleLatent(seed, 16)) }));
  const decoders = models.map(({ name, spec, weights }) => {
    const plan = planDecoder(spec);
    const logits = seeds.map((seed) => runReference(plan, weights, sampleLatent(seed, latentDim(spec))));
    return {
      model: name,
      firstLogits: bitsOf(logits[0]!),
      logits: logits.map(hashOf),
      pixels: logits.map((values) => hashOf(pixelsFromLogits(values, "sigmoid"))),
    };
  });
  return { latents, decoders };
}
