// Models for tests of what the routes draw: one of N(0, I), one with a mixture, one with a plane.

import { exports } from "cloudflare:workers";
import { latentDim } from "../../../shared/latent/kind.ts";
import { changeSpec, presets } from "../../../shared/model/presets.ts";
import { makeMixture, makeRelease } from "../../fixture.ts";
import { publish } from "../bucket.ts";

const ORIGIN = "https://digits.example";

export const fetchPath = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`${ORIGIN}${path}`, init);

export async function publishModels() {
  const [alpha, beta, plane] = await Promise.all([
    makeRelease("alpha", "2"),
    makeRelease("beta", "3", presets.smoke, makeMixture(latentDim(presets.smoke), "3")),
    makeRelease("plane", "4", changeSpec("smoke", { latentDim: 2 })),
  ]);
  await publish(alpha, beta, plane);
  return { alpha, beta, plane };
}
