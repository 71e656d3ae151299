// The unit of costs: decodes as many digits as asked for, by the `cnn` release that the bucket's default model is.

import { latentDim } from "../../../shared/latent/kind.ts";
import { createModelStore, type ModelStore } from "../../../worker/models/model-store.ts";

let store: ModelStore | undefined;

export default {
  async fetch(request: Request, { MODELS }: { MODELS: R2Bucket }): Promise<Response> {
    store ??= createModelStore(MODELS, Date.now, () => {});
    const { card, decoder } = await store.load(await store.resolve(undefined));
    const count = Number(new URL(request.url).searchParams.get("count"));
    const latents = Array.from({ length: count }, (_, i) =>
      new Float32Array(latentDim(card.spec)).fill((i % 9) / 4 - 1),
    );
    return new Response(String(decoder.images(latents).length));
  },
};
