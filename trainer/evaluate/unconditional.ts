// What is drawn where no digit is asked for: as many of each class as the data have, and whether the frames of walks between
// seeds are digits too.

import { createDecoder } from "../../shared/decoder/decoder.ts";
import { CLASSES } from "../../shared/latent/classes.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import type { Classifier } from "./classifier/classifier.ts";
import type { Figure } from "./evaluation.ts";
import type { Subject } from "./evaluation-set.ts";
import { grouped, percent } from "./figures.ts";

/** Between neighbours of so many seeds and one more, by frames that include both ends. */
const [WALKS, STEPS] = [500, 9];
/** A frame counts as recognised above this probability. */
const CONFIDENT = 0.9;
const SHARED = 20_000;
/** Latents decoded and classified at a time. */
const CHUNK = 2000;

/** Frames of walks that the classifier recognises, as a share of the recognised ends. */
export function walkFigure({ latent, ...model }: Subject, classify: Classifier): Figure {
  const look = createLook(model, classify);
  const recognised = (latents: readonly Float32Array[]) => {
    const confident = look(latents).confidences.filter((confidence) => confidence > CONFIDENT);
    return confident.length / latents.length;
  };
  const draws = latent.drawAll(seedsOf("walk", WALKS + 1));
  const between = draws.slice(1).flatMap((to, i) => {
    const walk = latent.walk([draws[i]!, to], { steps: STEPS });
    return walk.slice(1, -1).map((frame) => frame.latent);
  });
  const [frames, ends] = [recognised(between), recognised(draws.map((draw) => draw.latent))];
  return {
    name: `Frames of ${WALKS} walks recognised, relative to their ends`,
    value: frames / ends,
    text: `${(frames / ends).toFixed(2)} (${percent(frames)} of ${percent(ends)})`,
  };
}

/**
 * The digit whose share of what is drawn differs most from its share of the labels, in standard errors.
 * @param labels  of the images that the model was trained on
 */
export function shareFigure(
  { latent, ...model }: Subject,
  labels: Uint8Array,
  classify: Classifier,
  onProgress: (done: number) => void = () => {},
): Figure {
  const look = createLook(model, classify);
  const requests = seedsOf("share", SHARED);
  const drawn = new Float64Array(CLASSES);
  for (let from = 0; from < SHARED; from += CHUNK) {
    onProgress(from);
    const draws = latent.drawAll(requests.slice(from, from + CHUNK));
    for (const digit of look(draws.map((draw) => draw.latent)).digits) drawn[digit]! += 1;
  }
  const errors = Array.from(drawn, (count, digit) => {
    const share = labels.filter((label) => label === digit).length / labels.length;
    return Math.abs(count / SHARED - share) / Math.sqrt((share * (1 - share)) / SHARED);
  });
  const most = Math.max(...errors);
  return {
    name: `Largest difference of class shares, ${grouped(SHARED)} draws`,
    value: most,
    text: `${most.toFixed(1)} standard errors (${errors.indexOf(most)})`,
  };
}

function seedsOf(kind: string, count: number) {
  return Array.from({ length: count }, (_, i) => ({ seed: `evaluate/${kind}/${i}` }));
}

/** What the classifier says of latents. */
function createLook({ spec, decoder }: Omit<Subject, "latent">, classify: Classifier) {
  const { images } = createDecoder(loadDecodeKernels(), spec, decoder);
  return (latents: readonly Float32Array[]) =>
    classify(
      Float32Array.from(
        images(latents).flatMap(({ pixels }) => [...pixels]),
        (byte) => byte / 255,
      ),
    );
}
