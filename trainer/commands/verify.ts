// npm run verify: checks everything that the catalog names.

import { PublishError } from "../errors.ts";
import { readCatalog } from "../publish/catalog-swap.ts";
import { verifyCatalog, verifySets } from "../publish/verify.ts";
import { bucketFields, bucketFromOptions } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";

export const verifyCommand = defineCommand({
  name: "verify",
  summary:
    "Read everything that is published, releases and data sets, check every digest, and draw the golden seeds.",
  examples: ["npm run verify", "npm run verify -- --remote"],
  fields: bucketFields,
  run: async ({ values }) => {
    await bucketFromOptions(values)(async (bucket) => {
      const will = values.dryRun ? "would" : "will";
      console.log(`${will} read everything that ${bucket.description} has published, and change nothing`);
      if (values.dryRun) return;
      const broken = new Set<string>();
      const catalog = await readCatalog(bucket);
      for (const findings of [verifyCatalog(bucket, catalog), verifySets(bucket)]) {
        for await (const { of, message, ok } of findings) {
          console.log(`${ok ? "ok " : "BAD"}  ${of}  ${message}`);
          if (!ok) broken.add(of);
        }
      }
      if (broken.size === 0) return;
      throw new PublishError(
        `not what was promised: ${[...broken].join(", ")}; restore the bad ` +
          'objects from where they were made (docs/operations.md, "When it breaks"), or roll back and withdraw',
      );
    });
  },
});
