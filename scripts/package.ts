// Builds the folder that npm publishes: what draws with the bundled default release in it, the web component, the command
// line, the client, and their declarations. Nothing of it imports anything that is not in it.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";
import { type Description, KERNELS_FILE, RELEASE_FILE } from "../package/packed-files.ts";
import rootPackage from "../package.json" with { type: "json" };
import { packObjects } from "../shared/release/packed-objects.ts";
import { NETWORK_FILES, PREVIEW_FILE, stringifyJson, versionOf } from "../shared/release/release.ts";
import { readDefaultRelease } from "../trainer/publish/publish.ts";
import { emitDeclarations } from "./declarations.ts";

const ENTRIES = {
  draw: "package/draw.ts",
  element: "package/element.ts",
  client: "client/client.ts",
  cli: "package/cli.ts",
};
/** What people import, by its path in the package. */
const EXPORTS = { ".": "draw", "./element": "element", "./client": "client" } as const;

/** What package/release.ts imports. */
export async function writePackagedRelease(file = "build/package-release.gz.bin"): Promise<void> {
  const { card, cardSha256, files } = await readDefaultRelease();
  const { name, spec } = card;
  const unused: readonly string[] = [...Object.values(NETWORK_FILES.encoder), PREVIEW_FILE];
  const needed = [...files].filter(([key]) => !unused.includes(key));
  const listed = Object.fromEntries(needed.map(([key]) => [key, card.files[key]!]));
  const description: Description = { name, version: versionOf(cardSha256), spec, files: listed };
  const objects = new Map([
    [RELEASE_FILE, Buffer.from(JSON.stringify(description))],
    ...needed.map(([key, bytes]) => [key, key.endsWith(".json") ? withoutTopology(bytes) : bytes]),
    [KERNELS_FILE, await readFile("build/decode-kernels.wasm")],
  ] as [string, Uint8Array<ArrayBuffer>][]);
  await writeFile(file, gzipSync(packObjects(objects), { level: 9 }));
}

/** What is read of a network's description, in few bytes: tfjs alone reads the topology. */
function withoutTopology(json: Uint8Array): Uint8Array {
  const { modelTopology: _, ...read } = JSON.parse(new TextDecoder().decode(json));
  return Buffer.from(JSON.stringify(read));
}

/** @param folder  is emptied first */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    entryPoints: ENTRIES,
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    // Of errors.
    keepNames: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    external: ["node:*"],
    banner: { js: "// Edge Digits, MIT; see LICENSE." },
    plugins: [bytesAsText],
    metafile: true,
    logLevel: "error",
  });
  const entries = Object.values(EXPORTS).map((name) => ENTRIES[name]);
  await emitDeclarations(entries, join(folder, "types"));
  await writeFile(join(folder, "package.json"), stringifyJson(describePackage()));
  await cp("package/README.md", join(folder, "README.md"));
  await writeFile(join(folder, "LICENSE"), await licencesOf(metafile));
}

/** An imported .bin file as base64, which every runtime and bundler takes. */
const bytesAsText: Plugin = {
  name: "bytes-as-text",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.bin$/ }, async ({ path }) => {
      const base64 = (await readFile(path)).toString("base64");
      const bytes = `Uint8Array.from(atob("${base64}"), (character) => character.charCodeAt(0))`;
      return { contents: `export default /* @__PURE__ */ (() => ${bytes}.buffer)();`, loader: "js" };
    });
  },
};

function describePackage() {
  const { name, version, license, type, engines } = rootPackage;
  const typesOf = (entry: string) => `./types/${entry.replace(/\.ts$/, ".d.ts")}`;
  const exported = Object.entries(EXPORTS).map(([path, entry]) => {
    return [path, { types: typesOf(ENTRIES[entry]), default: `./${entry}.js` }] as const;
  });
  return {
    name,
    version,
    description: "Handwritten digits, numbers and MNIST-like data sets of any size, drawn from a seed.",
    keywords: ["mnist", "handwriting", "digits", "dataset", "vae"],
    license,
    type,
    exports: { ...Object.fromEntries(exported), "./package.json": "./package.json" },
    bin: { [name]: "./cli.js" },
    sideEffects: ["./element.js", "./cli.js"],
    engines,
  };
}

/** Our licence, then those of the libraries in the bundles. */
async function licencesOf({ inputs }: Metafile): Promise<string> {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []),
  );
  const texts = await Promise.all(
    [...folders].toSorted().map(async (library) => {
      const text = await readFirst(["LICENSE", "LICENSE.md", "license"].map((file) => join(library, file)));
      return `\n---\n\n${relative("node_modules", library)}:\n\n${text}`;
    }),
  );
  return [await readFile("LICENSE", "utf8"), ...texts].join("");
}

async function readFirst(paths: readonly string[]): Promise<string> {
  const [path, ...rest] = paths;
  if (path === undefined) throw new Error("a bundled library has no licence file");
  return readFile(path, "utf8").catch(() => readFirst(rest));
}
