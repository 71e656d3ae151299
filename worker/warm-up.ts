// Runs a first request when an isolate starts, so that its code is compiled before anyone waits for it: start-up does not
// count as a request's time.

import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import { RENDERERS } from "../shared/image/renderer.ts";
import { costOf } from "./api/cost.ts";
import type { App } from "./api/route.ts";
import { sample } from "./api/sample.ts";
import type { ModelStore } from "./models/model-store.ts";

/** Loads the embedded release too. */
export function warmUp(store: ModelStore, app: App): Promise<void> {
  return store.rehearse(async () => {
    // Outside of a request, replies with a body and random ids cannot be created; replies without a body can. Whoever has the
    // picture is not refused by the budget.
    const headers = { "cf-ray": "warm-up-request", "If-None-Match": "*" };
    await app.request("/sample?seed=a&digit=1", { method: "HEAD", headers });
    const model = await store.load(await store.resolve(undefined, "a"));
    // A one has few strokes: loops that a larger digit makes hot would be compiled again during the first request.
    const { query, draw, work } = sample.parse("?seed=a&digit=1", {});
    costOf(model.card.spec, { ...work, size: query.size, format: query.format });
    draw(model, "", RENDERERS[CURRENT_FORMAT](query, model.ink));
  });
}
