// A Worker as one would write it with stock tfjs and upng-js: the same release, seed and latent, tfjs's own decoder.

import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import UPNG from "upng-js";
import { sampleLatent } from "../../../shared/latent/gaussian/sample.ts";

export interface StockEnvironment {
  readonly MODELS: R2Bucket;
  /** Folder of the release, such as models/cnn/0123456789ab. */
  readonly RELEASE: string;
  readonly LATENT_DIM: number;
}

/** @param startBackend  makes a tfjs backend the current one */
export function stockWorker(startBackend: () => Promise<unknown>) {
  let model: ReturnType<typeof load> | undefined;

  async function load({ MODELS, RELEASE }: StockEnvironment) {
    await startBackend();
    const [json, bytes] = await Promise.all([
      MODELS.get(`${RELEASE}/model.json`).then((object) => object!.json<Record<string, unknown>>()),
      MODELS.get(`${RELEASE}/weights.bin`).then((object) => object!.arrayBuffer()),
    ]);
    const [group] = json.weightsManifest as { weights: tf.io.WeightsManifestEntry[] }[];
    return loadLayersModel(
      tf.io.fromMemory({
        modelTopology: json.modelTopology as object,
        weightSpecs: group!.weights,
        weightData: bytes,
      }),
    );
  }

  return {
    async fetch(request: Request, env: StockEnvironment): Promise<Response> {
      model ??= load(env);
      const network = await model;
      const seed = new URL(request.url).searchParams.get("seed")!;
      const latent = sampleLatent(seed, env.LATENT_DIM);
      const probabilities = tf.tidy(
        () =>
          (network.predict(tf.tensor2d(latent, [1, env.LATENT_DIM])) as tf.Tensor).dataSync() as Float32Array,
      );
      const rgba = new Uint8Array(probabilities.length * 4);
      probabilities.forEach((probability, i) => {
        rgba.fill(Math.round(probability * 255), 4 * i, 4 * i + 3);
        rgba[4 * i + 3] = 255;
      });
      return new Response(UPNG.encode([rgba.buffer], 28, 28, 0), {
        headers: { "Content-Type": "image/png" },
      });
    },
  };
}
