// Images to grids of codes, through the engine that serves.

import { createNetwork } from "../../../shared/decoder/network.ts";
import { nearestCodes } from "../../../shared/latent/codes/codebook.ts";
import { codeGrid } from "../../../shared/latent/codes/grid.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { StoredWeights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { type Dataset, gatherImages } from "../../data/dataset.ts";
import { runNetwork } from "../../math/run-network.ts";
import type { CodedImages } from "./prior-network.ts";

const BATCH = 12;
/** Images gathered at a time. */
const CHUNK = 1200;

/**
 * @param encoder  the encoder's weights
 * @param embeddings  the codebook, float32 [size, dim]
 * @param indices  of the images
 */
export function encodeImages(
  spec: ModelSpec,
  encoder: StoredWeights,
  embeddings: Float32Array,
  data: Dataset,
  indices: Uint32Array,
): CodedImages {
  const { rows, columns, ...codebook } = { ...codeGrid(spec), embeddings };
  const cells = rows * columns;
  const network = createNetwork(loadDecodeKernels(), planEncoder(spec), encoder, BATCH);
  const codes = new Uint16Array(indices.length * cells);
  for (let from = 0; from < indices.length; from += CHUNK) {
    const images = gatherImages(data, indices.subarray(from, from + CHUNK));
    codes.set(nearestCodes(runNetwork(network, images), codebook), from * cells);
  }
  return { codes, labels: Uint8Array.from(indices, (index) => data.labels[index]!) };
}
