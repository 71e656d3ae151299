// npm run docs:pictures: fetches the pictures of docs/ anew from a running service, by the addresses beside them.

import { readFile, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { defineCommand, runCommand } from "../trainer/commands/command-line.ts";
import { PublishError } from "../trainer/errors.ts";
import { option } from "../trainer/options.ts";
import { type DocumentPicture, ILLUSTRATED, listPictures, requestPicture } from "./document-pictures.ts";

const docsPicturesCommand = defineCommand({
  name: "docs:pictures",
  summary: `Fetch the pictures of ${ILLUSTRATED.join(" and ")} anew from a running service.`,
  examples: ["npm run docs:pictures -- --origin http://localhost:8787"],
  fields: {
    origin: option(v.pipe(v.string(), v.url()), "address of the service", "http://localhost:8787"),
  },
  run: async ({ values: { origin } }) => {
    for (const page of ILLUSTRATED) {
      for (const picture of listPictures(await readFile(page, "utf8"))) await fetchPicture(origin, picture);
    }
  },
});

async function fetchPicture(origin: string, picture: DocumentPicture): Promise<void> {
  const { address, file } = picture;
  const response = await requestPicture(origin, picture);
  if (!response.ok)
    throw new PublishError(`${address} answered ${response.status}: ${await response.text()}`);
  await writeFile(`docs/${file}`, new Uint8Array(await response.arrayBuffer()));
  console.log(`docs/${file}  ${address}`);
}

await runCommand(docsPicturesCommand, process.argv.slice(2));
