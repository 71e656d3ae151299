// Runs a first request when an isolate starts, so that its code is compiled before anyone waits for it: start-up does not
// count as a request's time.

import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import { RENDERERS } from "../shared/image/renderer.ts";
import { sample } from "./api/sample.ts";
import { createApp } from "./app.ts";
import type { ModelStore } from "./models/model-store.ts";

/** Loads the embedded release too. */
export function warmUp(store: ModelStore): Promise<void> {
  return store.rehearse(async () => {
    // Outside of a request, replies with a body and random ids cannot be created; replies without a body can.
    const headers = { "cf-ray": "warm-up-request" };
    await createApp(store).request("/sample?seed=a&digit=1", { method: "HEAD", headers });
    const model = await store.load(await store.resolve(undefined, "a"));
    // A one has few strokes: loops that a larger digit makes hot would be compiled again during the first request.
    const { query, draw } = sample.parse("?seed=a&digit=1", {});
    draw(model, "", RENDERERS[CURRENT_FORMAT](query, model.ink));
  });
}
