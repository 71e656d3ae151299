// Builds the client for those who install this package: one file without imports, and its declarations.

import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";

/** @param folder  is emptied first */
export async function buildClient(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await build({
    entryPoints: ["client/client.ts"],
    bundle: true,
    format: "esm",
    target: "es2023",
    outfile: join(folder, "client.js"),
    logLevel: "error",
  });
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      join(typescript, "bin/tsc"),
      ...["-p", "client", "--noEmit", "false", "--declaration", "--emitDeclarationOnly"],
      ...["--rootDir", ".", "--outDir", join(folder, "types"), "--noCheck"],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the client's declarations could not be made: ${stdout}`);
}
