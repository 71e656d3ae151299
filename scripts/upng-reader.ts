// upng-js without its encoder and without pako: the Worker only reads samples with it, of rows that node:zlib has
// inflated (shared/image/read-png.ts). What is left adds half as much to the upload as the whole would.

import { readFile } from "node:fs/promises";
import { build, type Plugin } from "esbuild";

/** Where the encoder begins in upng-js 2.1.0, and how its file ends. */
const ENCODER_START = "UPNG.encode = function(";
const END = "})(UPNG, pako);";

/** @throws Error when upng-js is not written as 2.1.0 is */
export async function buildUpngReader(outfile: string): Promise<void> {
  await build({
    stdin: { contents: 'export { default } from "upng-js";', resolveDir: "." },
    bundle: true,
    format: "esm",
    target: "es2024",
    outfile,
    logLevel: "error",
    plugins: [readingHalf],
  });
}

const readingHalf: Plugin = {
  name: "reading-half",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^pako$/ }, () => ({ path: "pako", namespace: "nothing" }));
    onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "module.exports = {};" }));
    onLoad({ filter: /upng-js.UPNG\.js$/ }, async ({ path }) => ({
      contents: withoutEncoder(await readFile(path, "utf8")),
    }));
  },
};

function withoutEncoder(source: string): string {
  const [start, end] = [source.indexOf(ENCODER_START), source.lastIndexOf(END)];
  if (start < 0 || end < start || source.indexOf(ENCODER_START, start + 1) >= 0) {
    throw new Error(
      `upng-js has no "${ENCODER_START}" once before its "${END}"; its version is another than 2.1.0: see scripts/upng-reader.ts`,
    );
  }
  return source.slice(0, start) + source.slice(end);
}
