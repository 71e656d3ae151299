// Type declarations of modules, and of those that they mention.

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/**
 * @param entries  modules, such as client/client.ts
 * @param folder  gets client/client.d.ts, and so on
 */
export async function emitDeclarations(entries: readonly string[], folder: string): Promise<void> {
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const scratch = await mkdtemp("build/types-");
  try {
    const config = join(scratch, "tsconfig.json");
    const options = {
      ...{ lib: ["ES2024", "DOM", "DOM.Iterable"], types: [], noEmit: false, noCheck: true },
      ...{
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: "../..",
        outDir: relative(scratch, folder),
      },
    };
    const files = [...entries, "worker/wasm.d.ts"].map((entry) => relative(scratch, entry));
    await writeFile(
      config,
      JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions: options, files }),
    );
    const tsc = [join(typescript, "bin/tsc"), "-p", config];
    const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: "utf8" });
    if (status !== 0) throw new Error(`the declarations could not be made: ${stdout}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  await removeUnmentioned(entries, folder);
}

/** Deletes declarations that no entry leads to. */
async function removeUnmentioned(entries: readonly string[], folder: string): Promise<void> {
  const needed = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (needed.has(path)) return;
    needed.add(path);
    const text = await readFile(path, "utf8");
    for (const [, module] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.ts"/g)) {
      await visit(join(dirname(path), `${module}.d.ts`));
    }
  };
  for (const entry of entries) await visit(join(folder, entry.replace(/\.ts$/, ".d.ts")));
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !needed.has(path)) await rm(path);
  }
}
