// Bundles node/serve.ts into one file that plain Node runs, with the kernels and the embedded release beside it in it.

import { readFile } from "node:fs/promises";
import { build, type Plugin } from "esbuild";

/** An imported .wasm file is a compiled module, a .bin file its bytes, as in a Worker. */
const workerModules: Plugin = {
  name: "worker-modules",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.(wasm|bin)$/ }, async ({ path }) => {
      const base64 = JSON.stringify((await readFile(path)).toString("base64"));
      const bytes = `Uint8Array.from(Buffer.from(${base64}, "base64"))`;
      const value = path.endsWith(".wasm") ? `new WebAssembly.Module(${bytes})` : `${bytes}.buffer`;
      return { contents: `export default ${value};`, loader: "js" };
    });
  },
};

export async function bundleServer(outfile: string): Promise<void> {
  await build({
    entryPoints: ["node/serve.ts"],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // Libraries that are CommonJS ask for Node's own modules by require.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [workerModules],
    outfile,
    logLevel: "error",
  });
}
