// npm run docs:pictures: fetches the pictures of docs/ again from a running service, by the addresses beside them.

import { readFile, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { runCommand } from "../trainer/commands/command-line.ts";
import { PublishError } from "../trainer/errors.ts";
import { option } from "../trainer/options.ts";
import { ILLUSTRATED, listPictures, requestPicture } from "./document-pictures.ts";

await runCommand({
  name: "docs:pictures",
  summary: `Fetch the pictures of ${ILLUSTRATED.join(", ")} again from a running service.`,
  examples: ["npm run docs:pictures -- --origin http://localhost:8787"],
  fields: { origin: option(v.pipe(v.string(), v.url()), "address of the service", "http://localhost:8787") },
  run: async ({ values: { origin } }) => {
    const pages = await Promise.all(ILLUSTRATED.map((page) => readFile(page, "utf8")));
    for (const picture of pages.flatMap(listPictures)) {
      const { address, file } = picture;
      const response = await requestPicture(origin, picture);
      if (!response.ok) {
        throw new PublishError(`${address} answered ${response.status}: ${await response.text()}`);
      }
      await writeFile(`docs/${file}`, new Uint8Array(await response.arrayBuffer()));
      console.log(`docs/${file}  ${address}`);
    }
  },
});
