// A closed walk through waypoints, as /interpolate walks it: number of steps and size by the limits of that route, so
// that what is exported here is what its address gives.

import { type Path, walkLength } from "../shared/latent/walk.ts";
import { DEFAULT_FPS, DEFAULT_GROUND, DEFAULT_INK, MAX_DIGITS, MAX_PIXELS } from "../shared/limits.ts";
import type { Choices, Waypoint } from "./choices.ts";
import { latentOfSeed, type Release } from "./releases.ts";
import { service, withoutOrigin } from "./service.ts";

const MOST_STEPS = 17;

export interface WalkPlan {
  readonly steps: number;
  /** Frames of the whole round. */
  readonly frames: number;
  /** Pixels of a frame in the export. */
  readonly size: number;
}

export function planWalk(waypoints: number): WalkPlan {
  const steps = Math.min(MOST_STEPS, Math.floor(MAX_DIGITS / waypoints) + 1);
  const frames = walkLength(waypoints, { steps, loop: true });
  return { steps, frames, size: Math.floor(Math.sqrt(MAX_PIXELS / frames)) };
}

/** The round's latents. */
export function drawWalk(
  release: Release,
  walk: readonly Waypoint[],
  temperature: number,
  path: Path,
): Float32Array[] {
  const { steps } = planWalk(walk.length);
  const latents = walk.map((waypoint) => latentOfSeed(release, waypoint, temperature));
  return release.sampler.walk(latents, { steps, path, loop: true });
}

/**
 * The walk's address, or undefined where an address cannot tell it: seeds stand there parted by commas, and either all
 * waypoints have a digit or none.
 */
export function walkAddress(
  { walk, temperature, ink, ground }: Choices,
  { name }: Release,
  path: Path,
  framesPerSecond: number,
): string | undefined {
  if (walk.some(({ seed }) => seed.includes(",") || seed.trim() !== seed)) return undefined;
  const digits = walk.map(({ digit }) => digit ?? "");
  const hasDigits = digits.every((digit) => digit !== "");
  if (!hasDigits && digits.some((digit) => digit !== "")) return undefined;
  const { steps, size } = planWalk(walk.length);
  return withoutOrigin(
    service.interpolateUrl({
      seeds: walk.map(({ seed }) => seed).join(","),
      ...(hasDigits && { digits: digits.join("") }),
      steps,
      loop: true,
      size,
      format: "apng",
      model: name,
      ...(path !== "slerp" && { path }),
      ...(temperature !== 1 && { temperature }),
      ...(ink !== DEFAULT_INK && { fg: ink }),
      ...(ground !== DEFAULT_GROUND && { bg: ground }),
      ...(framesPerSecond !== DEFAULT_FPS && { fps: framesPerSecond }),
    }),
  );
}
