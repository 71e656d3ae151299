// A Gaussian latent whose prior is learned, as data: after the VAE (Kingma & Welling 2014), a class-conditional flow over
// its latents (Dai & Wipf 2019, https://arxiv.org/abs/1903.05789), in one evaluation.

import * as v from "valibot";

const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
/** Units come in fours, which the kernels rely on. */
const units = v.pipe(whole(4, 1024), v.multipleOf(4));

/** The strongest guidance that the flow is trained for. */
export const MAX_GUIDANCE = 0.5;

export const FlowSchema = v.strictObject({
  kind: v.literal("flow"),
  /** Latent dimensions, and those of the noise. */
  dim: whole(1, 512),
  flow: v.strictObject({
    version: v.literal(1),
    /** Hidden units of each layer. */
    width: units,
    /** Residual layers. */
    blocks: whole(0, 16),
    /** How far digits are driven apart where a request does not say: variety against legibility. */
    guidance: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_GUIDANCE)),
  }),
  reader: v.strictObject({
    version: v.literal(1),
    /** Hidden units of the network that reads the digit from a latent. */
    width: units,
  }),
});
export type FlowSpec = v.InferOutput<typeof FlowSchema>;
