// npm run verify: checks everything that is published.

import { PublishError } from "../errors.ts";
import { readCatalog } from "../publish/catalog-swap.ts";
import { type Finding, verifyCatalog, verifySets } from "../publish/verify.ts";
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
      const tell = async (findings: AsyncIterable<Finding>) => {
        for await (const { of, message, ok } of findings) {
          console.log(`${ok ? "ok " : "BAD"}  ${of}  ${message}`);
          if (!ok) broken.add(of);
        }
      };
      // Sets need no catalog.
      await tell(verifySets(bucket));
      await tell(verifyCatalog(bucket, await readCatalog(bucket)));
      if (broken.size === 0) return;
      throw new PublishError(
        `not what was promised: ${[...broken].join(", ")}; restore the bad ` +
          'objects as docs/operations.md says under "When it breaks"',
      );
    });
  },
});
