// A plugin of Miniflare: binds one of its buckets as a Worker's plain fetcher, which speaks R2's own protocol, as the platform
// binds buckets for remote bindings.

import { buildObjectEntryProps, type R2_PLUGIN } from "miniflare";

const bucketService = (id: string) => ({
  name: "r2:bucket:entry",
  props: { json: JSON.stringify(buildObjectEntryProps(id)) },
});

export const plugins = {
  "raw-r2": {
    getBindings: () => [{ name: "MODELS", service: bucketService("models") }],
    getNodeBindings: () => ({}),
    getServices: () => [],
  } satisfies Pick<typeof R2_PLUGIN, "getNodeBindings" | "getServices"> & { getBindings: unknown },
};
