// Thirty-six digits by one batched decode, as one picture: the cost of a grid.

import { encodePng } from "../../../shared/image/png.ts";
import { tileImages } from "../../../shared/image/sheet.ts";
import { sampleLatent } from "../../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { createModelStore, type ModelStore } from "../../../worker/models/model-store.ts";

let store: ModelStore | undefined;

export default {
  async fetch(request: Request, { MODELS }: { MODELS: R2Bucket }): Promise<Response> {
    store ??= createModelStore(MODELS, Date.now, () => {});
    const { card, decoder } = await store.load(await store.resolve(undefined));
    const seed = new URL(request.url).searchParams.get("seed");
    const latents = Array.from({ length: 36 }, (_, i) => sampleLatent(`${seed}/${i}`, latentDim(card.spec)));
    return new Response(encodePng(tileImages(decoder.images(latents), 6)));
  },
};
