// The cost of the local bucket simulator itself: the reads of the first request for each model, whose results are ignored.

interface Environment {
  readonly MODELS: R2Bucket;
  /** Keys of the objects of the default model and of the other one: the first is read alone, the rest in parallel. */
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
