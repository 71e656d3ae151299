// GET /interpolate: a walk through latent space, as a strip, an animation or grey levels.

import { Hono } from "hono";
import { toJson } from "../../shared/image/json.ts";
import { tileImages } from "../../shared/image/layout.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { walkLength } from "../../shared/latent.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { checkColours, checkDetails, checkPixels, styleOf, toNumbers, toOrigin } from "../drawing.ts";
import { type LoadedModel, type ModelStore, pinnedName } from "../model-store.ts";
import { InterpolateQuery } from "../params.ts";
import { canonicalParameters, parseQuery } from "../query.ts";
import { replyPicture } from "../reply.ts";
import { planWalk, type WalkPlan, type WalkQuery } from "../walk.ts";

export const interpolate = (store: ModelStore) =>
  new Hono().get("/interpolate", async (c) => {
    const query = parseQuery(InterpolateQuery, c.req.url);
    const plan = planWalk(query);
    checkColours(query.format, query);
    checkDetails(query.format, query.details);
    checkPixels(walkLength(plan.waypoints.length, plan), query);
    const model = await store.resolve(query.model, plan.waypoints[0]!.seed);
    return replyPicture({
      request: c.req.raw,
      path: "/interpolate",
      model,
      parameters: canonicalParameters(InterpolateQuery, {
        ...query,
        steps: plan.hasDefaultSteps ? undefined : plan.steps,
      }),
      contentType: CONTENT_TYPES[query.format],
      body: async () => drawWalk(query, plan, await store.load(model), pinnedName(model)),
    });
  });

/** The reply's body for checked parameters. */
export function drawWalk(
  query: WalkQuery,
  plan: WalkPlan,
  { decoder, codes, sampler: source }: LoadedModel,
  model: string,
): Uint8Array | string {
  const { sampler, temperature } = query;
  const draws = plan.waypoints.map(({ seed, digit }) => source.draw(seed, { digit, sampler, temperature }));
  const latents = source.walk(
    draws.map(({ latent }) => latent),
    plan,
  );
  const frames = decoder.images(latents).map((digit) => scaleImage(digit, query.size));
  switch (query.format) {
    case "png":
      return encodePng(tileImages(frames, frames.length), styleOf(query));
    case "apng":
      return encodeApng(frames, query.fps, styleOf(query));
    case "json":
      if (!query.details) return JSON.stringify({ frames: frames.map(toJson) });
      return JSON.stringify({
        model,
        waypoints: draws.map(toOrigin),
        // Between grids of codes lies nothing that /decode could be asked for.
        frames: frames.map((frame, i) => ({
          ...(!codes && { latent: toNumbers(latents[i]!) }),
          ...toJson(frame),
        })),
      });
  }
}
