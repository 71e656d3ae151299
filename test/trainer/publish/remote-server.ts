// What a remote binding reaches: a second local server with a bucket of its own, and a Worker in front that passes on what
// wrangler sends, as the Worker that wrangler starts at Cloudflare does.

import { fileURLToPath } from "node:url";
import type { R2Bucket } from "@cloudflare/workers-types";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { onTestFinished } from "vitest";

/** Of wrangler's templates/remoteBindings/ProxyServerWorker.ts what a bucket needs. */
const PROXY = `
  export default {
    fetch(request, env) {
      const headers = new Headers();
      for (const [name, value] of request.headers) {
        if (name.startsWith("mf-header-")) headers.set(name.slice("mf-header-".length), value);
      }
      const { [request.headers.get("MF-Binding")]: binding } = env;
      return binding.fetch(request.headers.get("MF-URL"), new Request(request, { headers, redirect: "manual" }));
    },
  };
`;

interface RemoteServer {
  /** How commands reach it, without keys. */
  readonly env: NodeJS.ProcessEnv;
  readonly preload: readonly string[];
  /** What they have stored. */
  readonly bucket: R2Bucket;
}

/** Serves until the test is finished. */
export async function startRemoteServer(): Promise<RemoteServer> {
  const plugin = { package: fileURLToPath(new URL("raw-r2-plugin.ts", import.meta.url)), name: "raw-r2" };
  const server = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: PROXY,
      compatibilityDate: "2026-10-01",
      r2Buckets: { STORED: "models" },
      unsafeBindings: [{ name: "MODELS", type: "raw", plugin, options: {} }],
    }),
  );
  onTestFinished(() => server.dispose());
  const { href } = await server.ready;
  return {
    env: { REMOTE_SERVER: href, R2_ACCESS_KEY_ID: "", R2_SECRET_ACCESS_KEY: "" },
    preload: [fileURLToPath(new URL("remote-wrangler.ts", import.meta.url))],
    bucket: (await server.getR2Bucket("STORED")) as unknown as R2Bucket,
  };
}
