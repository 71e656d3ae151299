// Writes the static assets that the platform serves beside the Worker: the page at /, the OpenAPI document, its reader, the
// pages of the problem types and of unknown addresses, what browsers and robots request from every site, and the headers of all of them. A page is
// revalidated, as the platform does by default: its files are gone with the next deployment.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { describeApi, makeOpenApi } from "../../worker/docs/openapi.ts";
import { PROBLEM_TYPES } from "../../worker/docs/problem-types.ts";
import { writeLanding, writeTry } from "./landing.ts";
import { llmsText } from "./llms.ts";
import { docsPage, notFoundPage, problemPage } from "./page.ts";

/** Files beside this one, and their names among the assets. */
const COPIED = [
  ["robots.txt", "robots.txt"],
  ["headers.txt", "_headers"],
  ["redirects.txt", "_redirects"],
] as const;

/** Of docs.css. */
const STYLES = ["../../page/styles/colours.css", "docs.css", "docs-try.css"];

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** @param folder  is emptied first */
export async function writeSite(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "problems"), { recursive: true });
  await writeFile(join(folder, "openapi.json"), `${JSON.stringify(makeOpenApi(packageJson.version))}\n`);
  await writeFile(join(folder, "llms.txt"), llmsText(packageJson.version));
  await writeFile(join(folder, "docs.html"), docsPage(describeApi(packageJson.version)));
  await writeFile(join(folder, "not-found.html"), notFoundPage());
  for (const problem of PROBLEM_TYPES) {
    await writeFile(join(folder, "problems", `${problem.type}.html`), problemPage(problem));
  }
  const styles = await Promise.all(STYLES.map((file) => readFile(source(file), "utf8")));
  await writeFile(join(folder, "docs.css"), styles.join("\n"));
  await writeLanding(folder);
  await writeTry(join(folder, "docs.js"));
  for (const [file, name] of COPIED) await copyFile(source(file), join(folder, name));
}
