// Pictures of a model during training, as PNG: reconstructions below their inputs, and samples from N(0, I).

import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../../shared/image/png.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { sampleLatent } from "../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import type { Batch } from "../data/batch.ts";
import { pixelsOf } from "../model/output.ts";
import { encodeLatent } from "../model/step.ts";
import type { Vae } from "../model/vae.ts";

/** Sixteen inputs in rows of eight, each row above its reconstructions from the means of q(z|x). */
export async function drawReconstructions(vae: Vae, batch: Omit<Batch, "targets">): Promise<Uint8Array> {
  const outputs = tf.tidy(() =>
    pixelsOf(vae.spec, vae.decoder.apply(encodeLatent(vae, batch)) as tf.Tensor4D),
  );
  const [inputs, reconstructions] = [await toImages(batch.inputs), await toImages(outputs)];
  outputs.dispose();
  const rows = [0, 8].flatMap((i) => [...inputs.slice(i, i + 8), ...reconstructions.slice(i, i + 8)]);
  return encodePng(tileImages(rows, 8));
}

/** Eight by eight digits; the same latents in every epoch, so that progress is visible. */
export async function drawSamples(vae: Vae, seed: string): Promise<Uint8Array> {
  return drawLatents(
    vae,
    Array.from({ length: 64 }, (_, i) => sampleLatent(`${seed}/sample/${i}`, latentDim(vae.spec))),
    8,
  );
}

/** What the decoder makes of latents, float32 [latentDim] each. */
export async function drawLatents(
  vae: Vae,
  latents: readonly Float32Array[],
  columns: number,
): Promise<Uint8Array> {
  const outputs = tf.tidy(() => {
    const batch = tf.stack(latents.map((latent) => tf.tensor1d(latent)));
    return pixelsOf(vae.spec, vae.decoder.apply(batch) as tf.Tensor4D);
  });
  const images = await toImages(outputs);
  outputs.dispose();
  return encodePng(tileImages(images, columns));
}

/** [batch, height, width, 1] in [0, 1] to grey images. */
export async function toImages(batch: tf.Tensor4D): Promise<GreyImage[]> {
  const [count, height, width] = batch.shape;
  const bytes = Uint8Array.from(await batch.data(), (value) => Math.round(value * 255));
  const size = height * width;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    pixels: bytes.subarray(i * size, (i + 1) * size),
  }));
}
