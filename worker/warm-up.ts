// Runs a first request when an isolate starts, so that its code is compiled before anyone waits for it: start-up does not
// count as a request's time.

import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import { RENDERERS } from "../shared/image/renderer.ts";
import { versionOf } from "../shared/release/release.ts";
import { sample } from "./api/sample.ts";
import { createApp } from "./app.ts";
import type { ModelStore } from "./models/model-store.ts";

/** Loads the embedded release too. */
export async function warmUp(store: ModelStore): Promise<void> {
  const model = await store.preload();
  if (!model) return;
  const { query, draw } = sample.parse("?seed=a", {});
  draw(model, "", RENDERERS[CURRENT_FORMAT](query, model.ink));
  // Outside of a request, replies with a body and random ids cannot be created; replies without a body can. Nor can the
  // bucket be asked what the default model is.
  const { card, cardSha256 } = model;
  const resolved = {
    name: card.name,
    version: versionOf(cardSha256),
    cardSha256,
    isPinned: false,
    isCurrent: true,
  };
  const headers = { "If-None-Match": "*", "cf-ray": "warm-up-request" };
  await createApp({ ...store, resolve: async () => resolved }).request("/sample?seed=a&digit=1", { headers });
}
