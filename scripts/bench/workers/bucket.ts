// What the local bucket simulator itself costs: the reads of the first request for each model, and nothing done with
// them.

interface Environment {
  readonly MODELS: R2Bucket;
  /** Keys of the objects that the default model and the other one need: first alone, the rest at once. */
  readonly KEYS: readonly string[];
  readonly OTHER_KEYS: readonly string[];
}

const isRead = { KEYS: false, OTHER_KEYS: false };

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    const list = request.url.includes("model=") ? "OTHER_KEYS" : "KEYS";
    if (isRead[list]) return new Response("ok");
    isRead[list] = true;
    const [first, ...rest] = env[list];
    const read = async (key: string) => (await (await env.MODELS.get(key))!.arrayBuffer()).byteLength;
    const sizes = [await read(first!), ...(await Promise.all(rest.map(read)))];
    return new Response(String(sizes.reduce((sum, size) => sum + size, 0)));
  },
};
