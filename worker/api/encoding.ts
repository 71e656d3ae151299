// A picture to the latent's distribution, or to codes, by the published encoder.

import { UnsupportedReleaseError } from "../../shared/errors.ts";
import { FITTED_SIDE, type FittedDigit } from "../../shared/image/fit/fit-digit.ts";
import type { LatentPoint } from "../../shared/latent/latent-kind.ts";
import type { LoadedModel } from "../models/model-cache.ts";
import type { ModelStore } from "../models/model-store.ts";
import type { ResolvedModel } from "../models/reference.ts";
import { bitsPerPixel } from "../upload/png-file.ts";
import { readDigit } from "../upload/upload.ts";
import type { Budget, Lever } from "./budget.ts";
import type { Work } from "./cost.ts";

export interface Encoding extends LoadedModel {
  readonly fitted: FittedDigit;
  /** What the reconstruction is decoded from, and its form in JSON. */
  readonly point: LatentPoint;
}

/** What becomes of the picture, beside being encoded. */
interface Use extends Pick<Work, "digits" | "size" | "format"> {
  readonly levers: readonly Lever[];
}

/**
 * Reads the request's picture and encodes it.
 * @throws what readDigit and the store's load throw; OverBudgetError by the picture's size, before it is inflated;
 *   UnsupportedReleaseError for a model of other images
 */
export async function encodeUpload(
  request: Request,
  store: ModelStore,
  model: ResolvedModel,
  budget: Budget,
  { levers, ...use }: Use,
): Promise<Encoding> {
  const loaded = await store.load(model);
  const fitted = await readDigit(request, (header) => {
    const bytesPerPixel = bitsPerPixel(header) / 8;
    const workOf = (pixels: number) => ({ upload: { pixels, bytesPerPixel } });
    const pixels = header.width * header.height;
    const lever = { parameter: "body", unit: " pixels", value: pixels, least: 1, work: workOf };
    budget(loaded.card.spec, { draws: 0, ...use, ...workOf(pixels) }, [lever, ...levers]);
  });
  const { input } = loaded.card.spec;
  if (input.join() !== [FITTED_SIDE, FITTED_SIDE, 1].join()) {
    throw new UnsupportedReleaseError(
      `${model.name} takes images of [${input}]; pictures are fitted to [${FITTED_SIDE},${FITTED_SIDE},1]`,
    );
  }
  const { encode } = await loaded.encoder();
  const output = encode(Float32Array.from(fitted.image.pixels, (level) => level / 255));
  return { ...loaded, fitted, point: loaded.latent.encode(output) };
}

/** What was done to the picture, for people. */
export function describeFit({ isInverted, boundingBox, scale, isThickened }: FittedDigit) {
  return { inverted: isInverted, boundingBox, scale, thickened: isThickened };
}
