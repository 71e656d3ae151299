// The bundled default release without its encoder, with the kernels: one compressed file, which scripts/package.ts packs. The package's
// own digests cover it, and so it opens on pages without HTTPS, which have no SHA-256.

import { gunzipSync } from "fflate";
import packed from "../build/package-release.gz.bin";
import { fromMemory, type OpenRelease, openParts } from "../shared/release/open.ts";
import { unpackObjects } from "../shared/release/packed-objects.ts";
import { type Description, KERNELS_FILE, RELEASE_FILE } from "./packed-files.ts";

export interface BundledModel {
  readonly name: string;
  readonly version: string;
  readonly release: OpenRelease;
}

let opened: Promise<BundledModel> | undefined;

/** Opened once, at the first call. */
export function openBundled(): Promise<BundledModel> {
  opened ??= open();
  return opened;
}

async function open(): Promise<BundledModel> {
  // Not every runtime has a DecompressionStream.
  const files = unpackObjects(gunzipSync(new Uint8Array(packed)).buffer as ArrayBuffer);
  const description: Description = JSON.parse(new TextDecoder().decode(files.get(RELEASE_FILE)));
  const { name, version } = description;
  const kernels = WebAssembly.compile(files.get(KERNELS_FILE)!);
  return { name, version, release: await openParts(description, fromMemory(files), kernels) };
}
