// Which pictures a page of docs/ shows, and the addresses they come from: table rows of | `address` | ![text](file) |,
// or | `address` of ![text](file) | ![text](file) | if a picture is sent.

import { readFile } from "node:fs/promises";

/** Pages whose pictures a service draws. */
export const ILLUSTRATED = ["docs/api.md", "docs/experiments.md", "docs/vq.md", "docs/dataset.md"];

export interface DocumentPicture {
  readonly address: string;
  /** The PNG that is sent, from docs/. */
  readonly sent: string | undefined;
  /** From docs/. */
  readonly file: string;
}

export function listPictures(markdown: string): DocumentPicture[] {
  const rows = markdown.matchAll(
    /^\| `(\/[^`]+)`(?: of !\[[^\]]+\]\(([^)]+)\))? \| !\[[^\]]+\]\(([^)]+)\) \|$/gm,
  );
  return [...rows].map(([, address, sent, file]) => ({ address: address!, sent, file: file! }));
}

/** Requests a picture from a running service. */
export async function requestPicture(origin: string, { address, sent }: DocumentPicture): Promise<Response> {
  if (sent === undefined) return fetch(origin + address);
  const body = new Uint8Array(await readFile(`docs/${sent}`));
  return fetch(origin + address, { method: "POST", body, headers: { "Content-Type": "image/png" } });
}
