// Leaves out latents among which another class prevails, before each class is fitted alone (Wilson 1972,
// https://doi.org/10.1109/TSMC.1972.4309137): a sloppy 4 that lies among the 9s is decoded as a 9, whatever its label says.

import { CLASSES } from "../../../shared/latent/classes.ts";
import { nearestNeighbours } from "../../math/distances.ts";
import type { LabelledLatents } from "./fit.ts";

const NEIGHBOURS = 10;
/** Neighbours of its own class that a latent needs; decided on validation images, see docs/experiments.md. */
const AGREEING = 8;

/**
 * Those latents of which at least 8 of 10 neighbours among the reference share their class. Where a class lies so much
 * among others that this would take more than half of it, its better half stays.
 * @param reference  the same latents, or others of the same kind
 * @throws ArgumentError when the reference has fewer than 10 others
 */
export async function editLatents(
  points: LabelledLatents,
  reference: LabelledLatents,
  d: number,
): Promise<LabelledLatents> {
  const isSame = points === reference;
  const { indices } = await nearestNeighbours(points.latents, reference.latents, d, NEIGHBOURS, isSame);
  const agreement = points.labels.map(
    (label, i) =>
      indices
        .subarray(i * NEIGHBOURS, (i + 1) * NEIGHBOURS)
        .filter((index) => reference.labels[index] === label).length,
  );
  const needed = Array.from({ length: CLASSES }, (_, digit) => {
    const sorted = agreement.filter((_, i) => points.labels[i] === digit).sort();
    return Math.min(AGREEING, sorted[Math.floor(sorted.length / 2)] ?? 0);
  });
  const kept = [...points.labels.keys()].filter((i) => agreement[i]! >= needed[points.labels[i]!]!);
  const latents = new Float32Array(kept.length * d);
  for (const [row, i] of kept.entries()) latents.set(points.latents.subarray(i * d, (i + 1) * d), row * d);
  return { latents, labels: Uint8Array.from(kept, (i) => points.labels[i]!) };
}
