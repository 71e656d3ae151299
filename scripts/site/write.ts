// Writes the static assets that the platform serves beside the Worker: the page at /, the OpenAPI document, its reader, the
// pages of the problem types, and the headers of all of them.

import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { makeOpenApi } from "../../worker/contract/openapi.ts";
import { PROBLEM_TYPES } from "../../worker/contract/problem-types.ts";
import { writeLanding } from "./landing.ts";
import { docsPage, problemPage, type Reference } from "./page.ts";

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** @param folder  is emptied first */
export async function writeSite(folder: string): Promise<void> {
  const document = makeOpenApi(packageJson.version);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "problems"), { recursive: true });
  await writeFile(join(folder, "openapi.json"), `${JSON.stringify(document, null, 2)}\n`);
  await writeFile(join(folder, "docs.html"), docsPage(document as unknown as Reference));
  for (const problem of PROBLEM_TYPES) {
    await writeFile(join(folder, "problems", `${problem.type}.html`), problemPage(problem));
  }
  await copyFile(source("docs.css"), join(folder, "docs.css"));
  await writeLanding(folder);
  await copyFile(source("headers.txt"), join(folder, "_headers"));
}
