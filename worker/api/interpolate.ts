// GET /interpolate: a walk through latent space, as a strip, an animation or grey levels.

import { Hono } from "hono";
import { toJson } from "../../shared/image/json.ts";
import { tileImages } from "../../shared/image/layout.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { walkLength } from "../../shared/latent/gaussian.ts";
import type { LoadedModel, ModelStore } from "../models/model-store.ts";
import { type CardRule, samplingRule } from "./card-rules.ts";
import {
  checkColours,
  checkDetails,
  checkPixels,
  RENDERERS,
  styleOf,
  toNumbers,
  toOrigin,
} from "./drawing.ts";
import { InterpolateQuery } from "./params.ts";
import { replyPicture } from "./picture.ts";
import { parseQuery } from "./query.ts";
import { canonicalWalk, planWalk, type WalkPlan, type WalkQuery } from "./walk.ts";

export const interpolate = (store: ModelStore) =>
  new Hono().get("/interpolate", (c) => {
    const { query, given } = parseQuery(InterpolateQuery, c.req.url);
    const plan = planWalk(query, given);
    checkColours(query.format, given);
    checkDetails(query.format, given);
    checkPixels(walkLength(plan.waypoints.length, plan), query);
    const digits = plan.waypoints.flatMap(({ digit }) => (digit === undefined ? [] : [digit]));
    return replyPicture(store, {
      request: c.req.raw,
      path: "/interpolate",
      schema: InterpolateQuery,
      query,
      canonical: canonicalWalk(query, plan),
      seed: plan.waypoints[0]!.seed,
      rule: walkRule(query, digits),
      digits,
      draw: (model, name, picture) => drawWalk({ ...query, picture }, plan, model, name),
    });
  });

function walkRule({ sampler, path }: WalkQuery, digits: readonly number[]): CardRule | undefined {
  const sampling = samplingRule(sampler, digits);
  if (!sampling && path === "slerp") return undefined;
  return (card, model) => [
    ...(sampling?.(card, model) ?? []),
    // Through the space of embeddings every way is straight.
    ...(card.spec.codes ? ["path"] : []),
  ];
}

/** The reply's body for checked parameters. */
export function drawWalk(
  query: WalkQuery & { readonly picture: PictureFormat },
  plan: WalkPlan,
  { decoder, codes, sampler: source }: LoadedModel,
  model: string,
): Uint8Array | string {
  const { sampler, temperature } = query;
  const { scale, png, apng } = RENDERERS[query.picture];
  const draws = plan.waypoints.map(({ seed, digit }) => source.draw(seed, { digit, sampler, temperature }));
  const latents = source.walk(
    draws.map(({ latent }) => latent),
    plan,
  );
  const frames = decoder.images(latents).map((digit) => scale(digit, query.size));
  switch (query.format) {
    case "png":
      return png(tileImages(frames, frames.length), styleOf(query));
    case "apng":
      return apng(frames, query.fps, styleOf(query));
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
