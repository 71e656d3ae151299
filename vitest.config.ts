// Two projects: Node for shared/, trainer/ and whole processes; real workerd with real local R2 for worker/ and for
// the promises that both engines keep.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Node gets an imported .wasm file as workerd does: a compiled module. */
const wasmModules: Plugin = {
  name: "wasm-modules",
  enforce: "pre",
  load: (id) =>
    id.endsWith(".wasm")
      ? `import { readFileSync } from "node:fs";
         export default new WebAssembly.Module(readFileSync(${JSON.stringify(id)}));`
      : undefined,
};

export default defineConfig({
  test: {
    // The Worker's log has a line per request.
    onConsoleLog: (line) => !line.startsWith('{"message":"request"'),
    projects: [
      {
        plugins: [wasmModules],
        test: {
          name: "node",
          include: ["test/{shared,trainer,scripts,browser,e2e}/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "wrangler.toml" } })],
        test: {
          name: "workerd",
          include: ["test/{shared,worker,page}/**/*.test.ts"],
          exclude: ["test/shared/**/*.node.test.ts"],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
