// Training on a machine that has the Vulkan loader and no driver, as many have that are without a GPU.

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { fileFromTar } from "../../../scripts/tar.ts";
import { temporaryFolder } from "../../folder.ts";
import { runTrainer } from "../../process.ts";

it("prints nothing that looks like an error, and trains on another backend", { tags: ["slow"] }, async () => {
  const folder = await temporaryFolder();
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const archive = brotliDecompressSync(await readFile(join(dirname(entry), "../bin/swiftshader.tar.br")));
  await writeFile(join(folder, "libvulkan.so.1"), fileFromTar(archive, "libvulkan.so.1"));
  const args = [
    "train",
    "--preset",
    "smoke",
    "--limit",
    "600",
    "--epochs",
    "1",
    "--out",
    join(folder, "run"),
  ];
  const env = { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: join(folder, "none.json") };
  const { code, stdout, stderr } = await runTrainer(args, { env });
  expect(code).toBe(0);
  expect(stdout).not.toContain('"backend":"webgpu"');
  expect(stderr).toMatch(/^epoch 1\/1 [^\n]+\n$/);
});
