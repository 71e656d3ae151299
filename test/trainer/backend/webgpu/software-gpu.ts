// A Vulkan device in software for tests: SwiftShader, out of the npm package that brings Chromium. Its folder must be on
// the library path when a process starts, so what uses it runs in a process of its own.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { fileFromTar } from "../../../../scripts/tar.ts";

const LIBRARY = "libvk_swiftshader.so";

export interface SoftwareGpu {
  /** Environment of a process that should find it. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a script or a command of the trainer on it. */
  readonly run: (script: string, args?: readonly string[]) => Promise<Outcome>;
  readonly forget: () => Promise<void>;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function createSoftwareGpu(): Promise<SoftwareGpu> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-gpu-"));
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const archive = await readFile(join(dirname(entry), "../bin/swiftshader.tar.br"));
  await writeFile(join(folder, LIBRARY), fileFromTar(brotliDecompressSync(archive), LIBRARY));
  // Dawn asks for the loader; a driver can stand in for it.
  await symlink(LIBRARY, join(folder, "libvulkan.so.1"));
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: folder,
    // Clearing workgroup memory makes SwiftShader's compiler 20 times as slow, and no shader here reads before it writes.
    DAWN_FLAGS: "enable-dawn-features=disable_workgroup_init",
  };
  return {
    env,
    run: (script, args = []) => runNode(script, args, env),
    forget: () => rm(folder, { recursive: true, force: true }),
  };
}

export function runNode(script: string, args: readonly string[], env = process.env): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
      env,
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
