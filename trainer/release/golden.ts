// Checks that a release draws what its card promises: exactly by the serving decoder, within a grey level by stock tfjs.

import * as tf from "@tensorflow/tfjs";
import { DigestError } from "../../shared/errors.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { fromMemory, openRelease } from "../../shared/release/open.ts";
import { NETWORK_FILES, sha256 } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { selectBackend } from "../backend/registry.ts";
import { GateError } from "../errors.ts";
import type { ReleaseFiles } from "../publish/stored-release.ts";

/** In grey levels: float rounding may move a pixel between two of them. */
const STOCK_TOLERANCE = 1;

/** Latents of the golden seeds, as many numbers as the decoder takes, and pixels. */
async function drawGolden({ card, files }: ReleaseFiles) {
  const { decoder, latent: source } = await openRelease(card, fromMemory(files), loadDecodeKernels());
  const dim = latentDim(card.spec);
  const drawn = card.golden.map(({ seed, sha256: digest }) => {
    const { latent } = source.draw(seed, {});
    return { seed, digest, latent: latent.slice(0, dim), pixels: decoder.image(latent).pixels };
  });
  return { decoder, drawn };
}

/**
 * Draws the golden seeds of a release.
 * @returns how many there are
 * @throws DigestError if one draws other pixels than the card promises; what reading the release throws
 */
export async function checkGolden(release: ReleaseFiles): Promise<number> {
  const { drawn } = await drawGolden(release);
  for (const { seed, digest, pixels } of drawn) {
    const found = await sha256(pixels);
    if (found !== digest) {
      throw new DigestError(
        `golden seed "${seed}" draws pixels of SHA-256 ${found}; the card promises ${digest}`,
      );
    }
  }
  return drawn.length;
}

/**
 * Loads the decoder's files as any tfjs program would, and draws the golden seeds, without noise, which tfjs does not have.
 * @throws GateError if a pixel differs from ours by more than one grey level, or tfjs cannot load the files
 */
export async function checkStock(release: ReleaseFiles): Promise<void> {
  const { files } = release;
  const { decoder, drawn } = await drawGolden(release);
  const { model: modelFile, weights: weightsFile } = NETWORK_FILES.decoder;
  await selectBackend("cpu");
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(files.get(modelFile)));
  const source = tf.io.fromMemory({
    modelTopology,
    weightSpecs: weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights),
    weightData: new Uint8Array(files.get(weightsFile)!).buffer,
  });
  const model = await tf.loadLayersModel(source).catch((cause: Error) => {
    throw new GateError(
      `stock TensorFlow.js cannot load ${modelFile}: ${cause.message}; nothing was published`,
      {
        cause,
      },
    );
  });
  try {
    for (const { seed, latent } of drawn) {
      const { pixels } = decoder.image(latent);
      const stock = tf.tidy(() =>
        (model.predict(tf.tensor2d(latent, [1, latent.length])) as tf.Tensor).dataSync(),
      );
      if (stock.length !== pixels.length) {
        throw new GateError(
          `stock TensorFlow.js gives ${stock.length} pixels for seed "${seed}", expected ${pixels.length}; nothing was published`,
        );
      }
      const worst = pixels.reduce((max, value, i) => Math.max(max, Math.abs(value - 255 * stock[i]!)), 0);
      if (!(worst <= STOCK_TOLERANCE)) {
        throw new GateError(
          `stock TensorFlow.js renders seed "${seed}" differently: a pixel differs by ${worst.toFixed(1)}/255, ` +
            `at most ${STOCK_TOLERANCE} allowed; nothing was published`,
        );
      }
    }
  } finally {
    model.dispose();
  }
}
