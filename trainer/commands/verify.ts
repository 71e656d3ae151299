// npm run verify: checks everything that the catalog names.

import { PublishError } from "../errors.ts";
import { readCatalog } from "../publish/catalog-swap.ts";
import { verifyCatalog } from "../publish/verify.ts";
import { bucketFields, bucketFromOptions } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";

export const verifyCommand = defineCommand({
  name: "verify",
  summary: "Read everything that the catalog lists, check every digest, and draw the golden seeds.",
  examples: ["npm run verify", "npm run verify -- --remote"],
  fields: bucketFields,
  run: async ({ values }) => {
    await bucketFromOptions(values)(async (bucket) => {
      const will = values.dryRun ? "would" : "will";
      console.log(`${will} read everything that ${bucket.description} has published, and change nothing`);
      if (values.dryRun) return;
      const broken = new Set<string>();
      for await (const finding of verifyCatalog(bucket, await readCatalog(bucket))) {
        const { model, version, message, ok } = finding;
        console.log(`${ok ? "ok " : "BAD"}  ${model}@${version}  ${message}`);
        if (!ok) broken.add(`${model}@${version}`);
      }
      if (broken.size === 0) return;
      throw new PublishError(
        `${broken.size} published version${broken.size > 1 ? "s are" : " is"} not what the catalog promises; delete the ` +
          "bad objects and release the same run folder again, or roll back and withdraw it",
      );
    });
  },
});
