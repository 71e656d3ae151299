// What is in the packed file of release.ts, beside the release's own files.

import type { Card } from "../shared/release/release.ts";

export const KERNELS_FILE = "kernels.wasm";
export const RELEASE_FILE = "release.json";

/** What drawing needs of a card. */
export type Description = Pick<Card, "name" | "spec" | "files"> & { readonly version: string };
