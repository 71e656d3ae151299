// Which pictures a page of docs/ shows, and the addresses they come from: table rows of | `address` | ![text](file) |.

export interface DocumentPicture {
  readonly address: string;
  /** From docs/. */
  readonly file: string;
}

export function listPictures(markdown: string): DocumentPicture[] {
  const rows = markdown.matchAll(/^\| `(\/[^`]+)` \| !\[[^\]]+\]\(([^)]+)\) \|$/gm);
  return [...rows].map(([, address, file]) => ({ address: address!, file: file! }));
}
