// Builds the client that the package exports: one file without imports, and its declarations.

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { describeApi } from "../worker/docs/openapi.ts";
import { clientTypes, type DescribedOperation, kindOf } from "./client-types.ts";
import { emitDeclarations } from "./declarations.ts";

/** What the client needs of the OpenAPI document: its types, and without prose what it uses at run time. */
export async function writeContract(folder: string): Promise<void> {
  const { paths } = describeApi("") as unknown as {
    paths: Record<string, Record<string, DescribedOperation>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const runtime = Object.fromEntries(
    operations.map(({ path, method, operation }) => {
      const parameters = (operation.parameters ?? []).map(({ name, required, schema }) => {
        const { default: _, examples: __, ...rules } = schema as Record<string, unknown>;
        return [name, { schema: rules, required }];
      });
      const kind = kindOf(operation);
      return [operation.operationId, { method, path, kind, parameters: Object.fromEntries(parameters) }];
    }),
  );
  await writeFile(join(folder, "client-operations.json"), `${JSON.stringify(runtime)}\n`);
  const types = clientTypes(operations.map(({ operation }) => operation));
  await writeFile(join(folder, "client-types.ts"), types);
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
  await emitDeclarations(["client/client.ts"], join(folder, "types"));
}
