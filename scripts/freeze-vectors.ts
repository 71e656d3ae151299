// Writes the frozen vectors of a new numeric scheme. Refuses to touch those that exist: other arithmetic is another
// scheme, with a name and a file of its own.

import { existsSync, writeFileSync } from "node:fs";
import { pixelsFromLogits, runReference } from "../shared/decoder/reference.ts";
import { SCHEME, sampleLatent } from "../shared/latent.ts";
import { planDecoder } from "../shared/model.ts";
import { bitsOf, hashOf, models, seeds } from "../test/vectors/frozen.ts";

const path = `test/vectors/${SCHEME}.json`;
if (existsSync(path)) throw new Error(`${path} is frozen; other arithmetic is another scheme`);

const latents = seeds.map((seed) => ({ seed, bits: bitsOf(sampleLatent(seed, 16)) }));
const decoders = models.map(({ name, spec, weights }) => {
  const plan = planDecoder(spec);
  const logits = seeds.map((seed) => runReference(plan, weights, sampleLatent(seed, spec.latentDim)));
  return {
    model: name,
    firstLogits: bitsOf(logits[0]!),
    logits: logits.map(hashOf),
    pixels: logits.map((values) => hashOf(pixelsFromLogits(values))),
  };
});
writeFileSync(path, `${JSON.stringify({ scheme: SCHEME, latents, decoders }, null, 1)}\n`);
console.log(`${path}: ${seeds.length} seeds`);
