// Grids of codes: a VQ-VAE (van den Oord et al. 2017, https://arxiv.org/abs/1711.00937) with a prior over its codes.

import * as v from "valibot";
import { SamplerError, SpecError } from "../../errors.ts";
import type { ModelSpec } from "../../model/spec.ts";
import { readWeightFiles } from "../../model/weight-files.ts";
import { WeightsManifestSchema } from "../../model/weights.ts";
import type { LatentKind } from "../latent-kind.ts";
import { checkGrid } from "./codebook.ts";
import { codeGrid } from "./grid.ts";
import type { CodesLatent } from "./latent.ts";
import { BATCH, planPrior, priorMultiplyAdds } from "./prior-plan.ts";

/** Arithmetic from seed to pixels of a model with codes; prior-reference.ts defines it. */
export const CODES_SCHEME = "vq1";

/** The manifest of a release's codebook and prior, and their weights. Stock tfjs has no such layers. */
export const CODES_FILES = { model: "codes.json", weights: "codes.bin" } as const;
export const CODES_FORMAT = "edge-digits-codes/1";

const CodesJsonSchema = v.strictObject({
  format: v.literal(CODES_FORMAT),
  weightsManifest: WeightsManifestSchema,
});

export const codesKind = {
  scheme: CODES_SCHEME,
  dim: embeddingsDim,
  // One vector per cell, before quantization.
  encoder: (spec) => ({ heads: [], outputs: embeddingsDim(spec) }),
  resize: () => {
    throw new SpecError("the layers decide the size of a grid of codes; omit the latent");
  },
  weights: (spec) => planPrior(spec).weights,
  size: (spec) => {
    const { rows, columns, size } = codeGrid(spec);
    return { count: rows * columns, values: size };
  },

  // What the codes cost falls later, when the prior is trained.
  epochLoss: "reconstruction",

  input: "codes",
  describeInput: (spec) => {
    const { rows, columns } = codeGrid(spec);
    return `draws from codes, not from a latent; give its ${rows * columns} codes`;
  },
  checkInput: (spec, codes) => checkGrid(codes, codeGrid(spec)),

  samplers: () => [{ name: "prior", takesDigit: true }],
  checkChoice: ({ sampler, guidance }) => {
    if (guidance !== undefined) throw new SamplerError("this release has no guidance; omit guidance");
    if (sampler !== "mixture") return;
    throw new SamplerError("this release draws codes from its own prior and has no mixture; omit sampler");
  },
  drawsFast: false,
  paths: ["lerp"],

  work: (spec) => {
    const once = priorMultiplyAdds(planPrior(spec));
    return {
      // The weights are read again for each run of several draws.
      draw: (count) => once * (1.1 * count + 0.9 * Math.ceil(count / BATCH)),
      walk: (count) => 10_000 * count,
      // Each cell is compared with each code.
      encode: embeddingsDim(spec) * codeGrid(spec).size,
    };
  },

  files: Object.values(CODES_FILES),
  open: async (spec, _files, read, kernels): Promise<CodesLatent> => {
    const { weights } = planPrior(spec);
    // A file of its own for the page, which seldom has such a model.
    const [{ createCodesLatent }, module, stored] = await Promise.all([
      import("./latent.ts"),
      kernels(),
      readWeightFiles(CODES_FILES, CodesJsonSchema, weights, read),
    ]);
    return createCodesLatent(module, spec, stored);
  },
} satisfies LatentKind;

/** The embeddings of all codes, [rows, columns, dim], flat. */
function embeddingsDim(spec: ModelSpec): number {
  const { rows, columns, dim } = codeGrid(spec);
  return rows * columns * dim;
}
