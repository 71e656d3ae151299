// Builds the page at /: its script, styles and kernel by esbuild into page/, named by their content, and the HTML of each
// language from the same components.

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { testDigitSheet } from "./test-digits.ts";

const ROOM = "page";
const root = fileURLToPath(new URL("../..", import.meta.url));

const JSX: BuildOptions = { jsx: "automatic", jsxImportSource: "preact", target: "es2023" };

/** Addresses of the page's own files. */
interface Assets {
  readonly script: string;
  readonly style: string;
}

/** What page/document.tsx exports. */
interface DocumentModule {
  readonly LANGUAGES: Readonly<Record<string, { readonly path: string }>>;
  readonly renderDocument: (language: string, assets: Assets) => string;
}

/** @param folder  of the static assets */
export async function writeLanding(folder: string): Promise<void> {
  await writeFile(join(root, "build/test-digits.png"), await testDigitSheet());
  const assets = await bundle(folder);
  const { LANGUAGES, renderDocument } = await loadDocument();
  for (const [language, { path }] of Object.entries(LANGUAGES)) {
    const file = path === "/" ? "index.html" : `${path.slice(1)}.html`;
    await writeFile(join(folder, file), renderDocument(language, assets));
  }
}

/** The script of /docs. */
export async function writeTry(outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [`${ROOM}/try.ts`],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    outfile: resolve(outfile),
    logLevel: "error",
  });
}

async function bundle(folder: string): Promise<Assets> {
  const outdir = resolve(folder, "page");
  await mkdir(outdir, { recursive: true });
  const { metafile } = await build({
    ...JSX,
    absWorkingDir: root,
    entryPoints: [`${ROOM}/main.tsx`],
    bundle: true,
    minify: true,
    format: "esm",
    splitting: true,
    metafile: true,
    outdir,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    publicPath: "/page/",
    loader: { ".wasm": "file", ".png": "file" },
    logLevel: "error",
  });
  const entry = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint !== undefined)!;
  const address = (output: string) => `/page/${output.split("/").at(-1)}`;
  return { script: address(entry[0]), style: address(entry[1].cssBundle!) };
}

/** The components as a module that Node can run. */
async function loadDocument(): Promise<DocumentModule> {
  const { outputFiles } = await build({
    ...JSX,
    absWorkingDir: root,
    entryPoints: [`${ROOM}/document.tsx`],
    bundle: true,
    write: false,
    outdir: ".",
    platform: "node",
    format: "esm",
    loader: { ".wasm": "empty", ".png": "empty" },
    logLevel: "error",
  });
  const script = outputFiles.find(({ path }) => path.endsWith(".js"))!;
  const base64 = Buffer.from(script.contents).toString("base64");
  return (await import(`data:text/javascript;base64,${base64}`)) as DocumentModule;
}
