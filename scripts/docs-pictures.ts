// npm run docs:pictures: draws the pictures of docs/ again, by the addresses beside them, with a service of its own, and
// those of the page.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServiceWithCodes } from "../test/e2e/server-with-codes.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { PublishError } from "../trainer/errors.ts";
import { type DocumentPicture, ILLUSTRATED, listPictures, requestPicture } from "./document-pictures.ts";
import { takePagePictures } from "./page-pictures.ts";

await runCommand({
  name: "docs:pictures",
  summary: `Draw the pictures of ${ILLUSTRATED.join(", ")} and of the page again.`,
  examples: ["npm run docs:pictures"],
  fields: {},
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
    const server = await startServiceWithCodes(folder);
    try {
      const pages = await Promise.all(ILLUSTRATED.map((page) => readFile(page, "utf8")));
      await takePagePictures(server.origin, "docs");
      for (const picture of pages.flatMap(listPictures)) await draw(server.origin, picture);
    } finally {
      await server.stop();
      await rm(folder, { recursive: true });
    }
  },
});

async function draw(origin: string, picture: DocumentPicture): Promise<void> {
  const { address, file } = picture;
  const response = await requestPicture(origin, picture);
  if (!response.ok) {
    throw new PublishError(`${address} answered ${response.status}: ${await response.text()}`);
  }
  await writeFile(`docs/${file}`, new Uint8Array(await response.arrayBuffer()));
  console.log(`docs/${file}  ${address}`);
}
