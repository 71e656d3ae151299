// Node for shared/, trainer/ and page/; real workerd with real local R2 for worker/ and for what engines could compute
// differently; a real server and a real browser end to end.

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

/** Tests that replace modules of Node, which no other test may see. */
const MOCKING = ["test/trainer/publish/windows.test.ts", "test/trainer/train/replace-file.test.ts"];

export default defineConfig({
  test: {
    // Timeouts are for tests that hang: a slow machine is not a failure.
    // By default one core stays idle, which is half of two.
    maxWorkers: "100%",
    // npm test skips both, npm run test:slow runs only the slow ones; a file named on the command line runs completely.
    tags: [
      { name: "slow", description: "takes more than a few seconds of a core" },
      { name: "tensorflow", description: "needs npm run gpu:build" },
    ],
    // The Worker's log has a line per request.
    onConsoleLog: (line) => !line.startsWith('{"message":"request"'),
    projects: [
      {
        plugins: [wasmModules],
        test: {
          name: "node",
          include: ["test/{node,shared,trainer,page,scripts}/**/*.test.ts", "test/mini/train.test.ts"],
          exclude: MOCKING,
          globalSetup: "test/trainer/setup.ts",
          // TensorFlow.js and the trainer are imported once per worker, not once per file.
          isolate: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      { test: { name: "mocks", include: MOCKING } },
      {
        plugins: [wasmModules],
        test: {
          name: "e2e",
          include: ["test/{browser,e2e}/**/*.test.ts", "test/mini/worker.test.ts"],
          globalSetup: "test/e2e/setup.ts",
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "wrangler.toml" } })],
        test: {
          name: "workerd",
          include: [
            "test/worker/**/*.test.ts",
            // What depends on floating point and WebAssembly. Integers and text are the same in every engine.
            "test/shared/scheme.test.ts",
            "test/shared/{arithmetic,decoder,latent}/**/*.test.ts",
            "test/shared/image/svg.test.ts",
            "test/shared/image/{fit/engines,ink/ink,ink/picture-2}.test.ts",
          ],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
