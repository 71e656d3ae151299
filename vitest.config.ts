// Two projects: Node for shared/, trainer/ and whole processes; real workerd with real local R2 for worker/ and for
// the promises that both engines keep.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          include: ["test/{shared,trainer,e2e}/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "wrangler.toml" } })],
        test: {
          name: "workerd",
          include: ["test/{shared,worker}/**/*.test.ts"],
          exclude: ["test/shared/**/*.node.test.ts"],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
