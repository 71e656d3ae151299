// Builds the page at /: its script, styles and kernel by esbuild into page/, named by their content, the HTML of each
// language from the same components, and the service worker that keeps them all.

import { createHash } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
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
  const documents: string[] = [];
  for (const [language, { path }] of Object.entries(LANGUAGES)) {
    const file = path === "/" ? "index.html" : `${path.slice(1)}.html`;
    const html = renderDocument(language, assets);
    await writeFile(join(folder, file), html);
    documents.push(html);
  }
  const files = (await readdir(join(folder, "page"))).toSorted().map((file) => `/page/${file}`);
  const digest = createHash("sha256").update([...documents, ...files].join("\n"));
  await writeScript("offline.ts", join(folder, "offline.js"), {
    FILES: JSON.stringify(files),
    VERSION: JSON.stringify(digest.digest("hex").slice(0, 12)),
  });
}

/** The script of /docs. */
export const writeTry = (outfile: string): Promise<void> => writeScript("try.ts", outfile);

async function writeScript(
  entry: string,
  outfile: string,
  define: Record<string, string> = {},
): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [`${ROOM}/${entry}`],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    define,
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
