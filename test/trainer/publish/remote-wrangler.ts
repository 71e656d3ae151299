// Preloaded by commands on the real bucket: wrangler's session at Cloudflare becomes one with the server of remote-server.ts.
// Without an account that is as far as a remote binding leads.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { convertV4MiniflareOptions, Miniflare, type RemoteProxyConnectionString } from "miniflare";
import type { GetPlatformProxyOptions } from "wrangler";

export { unstable_readConfig } from "wrangler";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "wrangler" && context.parentURL?.endsWith("/trainer/publish/local-bucket.ts")
      ? { url: import.meta.url, shortCircuit: true }
      : next(specifier, context),
});

/** Binds what the configuration says is remote to the server at REMOTE_SERVER. */
export async function getPlatformProxy({ configPath }: GetPlatformProxyOptions) {
  const { compatibility_date, r2_buckets } = JSON.parse(readFileSync(configPath!, "utf8"));
  const [{ binding, bucket_name, remote }] = r2_buckets;
  if (!remote) throw new Error(`${configPath} binds a bucket that is not remote`);
  const remoteProxyConnectionString = new URL(process.env.REMOTE_SERVER!) as RemoteProxyConnectionString;
  const client = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: "export default {}",
      compatibilityDate: compatibility_date,
      r2Buckets: { [binding]: { id: bucket_name, remoteProxyConnectionString } },
    }),
  );
  return { env: await client.getBindings(), dispose: () => client.dispose() };
}
