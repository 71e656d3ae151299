// What the local bucket simulator itself costs a first request: the reads of a first sample, and nothing done with them.

export default {
  async fetch(_request: Request, env: { MODELS: R2Bucket; KEYS: readonly string[] }): Promise<Response> {
    const [catalog, ...rest] = env.KEYS;
    const read = async (key: string) => (await (await env.MODELS.get(key))!.arrayBuffer()).byteLength;
    const first = await read(catalog!);
    const sizes = await Promise.all(rest.map(read));
    return new Response(String(sizes.reduce((sum, size) => sum + size, first)));
  },
};
