// Node for shared/, trainer/, page/ and whole processes; real workerd with real local R2 for worker/ and for what an
// engine could compute differently.

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
    // npm test leaves these out, npm run test:slow runs only them; a file named on the command line runs whole.
    tags: [{ name: "slow", description: "takes more than a few seconds of a core" }],
    // The Worker's log has a line per request.
    onConsoleLog: (line) => !line.startsWith('{"message":"request"'),
    projects: [
      {
        plugins: [wasmModules],
        test: {
          name: "node",
          include: ["test/{shared,trainer,page,scripts,browser,e2e}/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "wrangler.toml" } })],
        test: {
          name: "workerd",
          include: [
            "test/worker/**/*.test.ts",
            // What floating point and WebAssembly decide. Integers and text are the same in every engine.
            "test/shared/scheme.test.ts",
            "test/shared/{arithmetic,decoder,latent}/**/*.test.ts",
            "test/shared/image/svg.test.ts",
          ],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
