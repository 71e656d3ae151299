// A VAE whose prior over the latent is learned: a class-conditional flow (Dai & Wipf 2019,
// https://arxiv.org/abs/1903.05789; Liu et al. 2023, https://arxiv.org/abs/2209.03003), from noise to latents in one step.

import * as v from "valibot";
import { ArgumentError, SamplerError } from "../../errors.ts";
import { multiplyAdds } from "../../model/multiply-adds.ts";
import type { ModelSpec } from "../../model/spec.ts";
import { readWeightFiles } from "../../model/weight-files.ts";
import { WeightsManifestSchema } from "../../model/weights.ts";
import type { LatentKind } from "../latent-kind.ts";
import { mostEvaluations } from "./invert.ts";
import { BATCH, createFlowLatent, FLOW_SCHEME, type FlowLatent } from "./latent.ts";
import { planFlow } from "./plan.ts";
import type { FlowSpec } from "./spec.ts";

/** The manifest of a release's flow and reader, and their weights. Stock tfjs has no such layers. */
export const FLOW_FILES = { model: "flow.json", weights: "flow.bin" } as const;
export const FLOW_FORMAT = "edge-digits-flow/1";

const FlowJsonSchema = v.strictObject({
  format: v.literal(FLOW_FORMAT),
  weightsManifest: WeightsManifestSchema,
});

export const flowKind = {
  scheme: FLOW_SCHEME,
  dim: (spec) => flowOf(spec).dim,
  // mu and logVar.
  encoder: (spec) => {
    const outputs = 2 * flowOf(spec).dim;
    return { heads: [{ kind: "dense", units: outputs, activation: "linear" }], outputs };
  },
  resize: (spec, dim) => ({ ...spec, latent: { ...flowOf(spec), dim } }),
  weights: (spec) => planFlow(flowOf(spec)).weights,
  size: (spec) => ({ count: flowOf(spec).dim }),

  epochLoss: "total",

  input: "z",
  describeInput: () => "has no codes; give its latent as z",
  checkInput: (spec, { length }, model) => {
    const { dim } = flowOf(spec);
    if (length === dim) return;
    throw new ArgumentError(`a latent of ${model} has ${dim} numbers, found ${length}`);
  },

  samplers: () => [{ name: "prior", takesDigit: true }],
  guidance: (spec) => flowOf(spec).flow.guidance,
  checkChoice: ({ sampler }) => {
    if (sampler !== "mixture") return;
    throw new SamplerError("this release draws latents from its own prior and has no mixture; omit sampler");
  },
  drawsFast: true,
  paths: ["slerp", "lerp"],

  work: (spec) => {
    const { dim } = flowOf(spec);
    const once = multiplyAdds(planFlow(flowOf(spec)).flow);
    const run = (count: number) => once * (1.9 * count + Math.ceil(count / BATCH));
    return { draw: run, walk: run, encode: 1.3 * run(mostEvaluations(dim)) };
  },

  files: Object.values(FLOW_FILES),
  open: async (spec, _files, read, kernels): Promise<FlowLatent> => {
    const flow = flowOf(spec);
    const [module, stored] = await Promise.all([
      kernels(),
      readWeightFiles(FLOW_FILES, FlowJsonSchema, planFlow(flow).weights, read),
    ]);
    return createFlowLatent(module, flow, stored);
  },
} satisfies LatentKind;

function flowOf({ latent }: ModelSpec): FlowSpec {
  return latent as FlowSpec;
}
