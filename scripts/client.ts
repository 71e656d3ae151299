// Builds the client for those who install this package: one file without imports, and its declarations.

import { spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import type { ContractParameters } from "../client/check-values.ts";
import { makeOpenApi } from "../worker/docs/openapi.ts";

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly ParameterOf[];
}

interface ParameterOf {
  readonly name: string;
  readonly required: boolean;
  readonly schema: { readonly default?: unknown; readonly examples?: unknown };
}

/** Writes what the client checks, without prose: the parameters of the OpenAPI document. */
export async function writeClientParameters(file: string): Promise<void> {
  const { paths } = makeOpenApi("") as { paths: Record<string, Record<string, Described>> };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const parameters = Object.fromEntries(
    operations.map(({ operationId, parameters = [] }) => [
      operationId,
      Object.fromEntries(
        parameters.map(({ name, required, schema: { default: _, examples: __, ...schema } }: ParameterOf) => [
          name,
          { schema, required },
        ]),
      ),
    ]),
  ) satisfies ContractParameters;
  await writeFile(file, `${JSON.stringify(parameters)}\n`);
}

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
