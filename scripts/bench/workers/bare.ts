// The lower bound: a Worker that answers with a constant.

export default { fetch: () => new Response("ok") };
