// POST /reconstruct: a PNG in; the fitted picture over its reconstruction from the mean latent or the codes out.

import * as v from "valibot";
import { digitFromImage } from "../../shared/image/ink/ink.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import { formatOf, type PictureFormat } from "../../shared/image/picture-format.ts";
import { RENDERERS } from "../../shared/image/renderer.ts";
import { MAX_SIZE } from "../../shared/image/scale.ts";
import { gridSheet } from "../../shared/image/sheet.ts";
import type { ModelStore } from "../models/model-store.ts";
import { pinnedName } from "../models/reference.ts";
import { checkUpload } from "../upload/upload.ts";
import { type Budget, sizeLever } from "./budget.ts";
import { checkFormat, checkHand, checkPixels } from "./drawing.ts";
import { describeFit, type Encoding, encodeUpload } from "./encoding.ts";
import { drawing, model, pngSvgJson } from "./parameters.ts";
import { parseQuery } from "./query.ts";
import { type Body, CONTENT_TYPES, replyToUpload } from "./reply.ts";
import type { App } from "./route.ts";
import { parameter } from "./values.ts";

export const ReconstructQuery = v.strictObject({
  ...drawing,
  size: parameter(
    drawing.size,
    `Side of each of the two, pixels. Both together have at most ${MAX_SIZE} x ${MAX_SIZE}, except as outlines.`,
  ),
  format: parameter(pngSvgJson, "A picture of pixels, one of outlines, or the grey levels of each."),
  model,
});

export const reconstruct = (app: App, store: ModelStore, budget: Budget) =>
  app.post("/reconstruct", async (c) => {
    const { query, given } = parseQuery(ReconstructQuery, c.req.url);
    checkFormat(query.format, given);
    checkPixels(2, query);
    checkUpload(c.req.raw);
    const model = await store.resolve(query.model);
    const format = formatOf(query.picture, model.isPinned);
    checkHand(query, format);
    const encoding = await encodeUpload(c.req.raw, store, model, budget, {
      ...{ digits: 2, size: query.size, format: query.format },
      levers: [sizeLever(query.size)],
    });
    const body = drawReconstruction(query, format, pinnedName(model), encoding);
    return replyToUpload(body, CONTENT_TYPES[query.format], model);
  });

function drawReconstruction(
  query: v.InferOutput<typeof ReconstructQuery>,
  format: PictureFormat,
  model: string,
  { fitted, decoder, ink, point }: Encoding,
): Body {
  const { scale, rasterize, png, svg } = RENDERERS[format](query, ink);
  const digits = [digitFromImage(fitted.image), decoder.image(point.latent)];
  switch (query.format) {
    case "png":
      return png(rasterize(gridSheet(digits, 1)));
    case "svg":
      return svg(digits);
    case "json": {
      const [input, reconstruction] = digits.map((digit) => toJson(scale(digit)));
      return writeJson({ model, fit: describeFit(fitted), input, reconstruction });
    }
  }
}
