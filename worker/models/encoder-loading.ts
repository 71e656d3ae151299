// A release's encoder, verified: read by the routes that take pictures only, so that drawing never waits for it.

import { createEncoder, type Encoder } from "../../shared/decoder/encoder.ts";
import { planEncoder } from "../../shared/model/spec.ts";
import { type Card, NETWORK_FILES, readNetwork } from "../../shared/release/release.ts";
import { kernels } from "./kernels.ts";

/**
 * @param read  bytes of one of the release's files
 * @throws MissingObjectError, DigestError, SchemaError, WeightsError
 */
export async function loadEncoder(card: Card, read: (file: string) => Promise<Uint8Array>): Promise<Encoder> {
  const names = NETWORK_FILES.encoder;
  const [model, weights] = await Promise.all([read(names.model), read(names.weights)]);
  const network = await readNetwork(card, "encoder", planEncoder(card.spec), { model, weights });
  return createEncoder(kernels, card.spec, network);
}
