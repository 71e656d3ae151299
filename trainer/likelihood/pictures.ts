// Pictures of a trained model as PNG: draws from the prior, and images over what their latents draw.

import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../../shared/image/png.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { noiseTensor } from "../data/batch.ts";
import type { Variables } from "../latent/flow/network.ts";
import { toImages } from "../train/pictures.ts";
import type { LikelihoodConfig } from "./config.ts";
import { drawImages } from "./draw.ts";
import { encode, SIDE } from "./network.ts";
import { drawPrior } from "./prior.ts";

const [COLUMNS, SAMPLES, SHOWN] = [16, 96, 48];

/**
 * @param inputs  images, 0 or 1, [count, 28, 28, 1], flat; the first of them are reconstructed
 * @returns the files by name
 */
export async function drawPictures(
  weights: Variables,
  inputs: Float32Array,
  { seed, latent }: Pick<LikelihoodConfig, "seed" | "latent">,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const fromPrior = tf.tidy(() => drawPrior(weights, noiseTensor(SAMPLES, latent, `${seed}/sample`)));
  const columns = Math.min(COLUMNS, inputs.length / SIDE ** 2);
  const shown = Math.min(SHOWN, Math.floor(inputs.length / SIDE ** 2 / columns) * columns);
  const originals = inputs.slice(0, shown * SIDE ** 2);
  const posterior = tf.tidy(() => encode(weights, tf.tensor4d(originals, [shown, SIDE, SIDE, 1])).mu);
  const samples = await tiles(drawImages(weights, fromPrior, `${seed}/ink`).images);
  const [above, below] = [
    await tiles(originals),
    await tiles(drawImages(weights, posterior, `${seed}/ink`).images),
  ];
  tf.dispose([fromPrior, posterior]);
  const rows = Array.from({ length: shown / columns }, (_, row) => row * columns).flatMap((from) => [
    ...above.slice(from, from + columns),
    ...below.slice(from, from + columns),
  ]);
  return new Map([
    ["samples.png", await encodePng(tileImages(samples, COLUMNS))],
    ["reconstructions.png", await encodePng(tileImages(rows, columns))],
  ]);
}

async function tiles(images: Float32Array) {
  const batch = tf.tensor4d(images, [images.length / SIDE ** 2, SIDE, SIDE, 1]);
  const tiled = await toImages(batch);
  batch.dispose();
  return tiled;
}
