// npm run verify: reads everything again that the catalog names.

import { PublishError } from "../errors.ts";
import { readCatalog } from "../publish/catalog-swap.ts";
import { verifyCatalog } from "../publish/verify.ts";
import { defineCommand } from "./command-line.ts";
import { chooseBucket, dryRunField, targetFields } from "./target.ts";

export const verifyCommand = defineCommand({
  name: "verify",
  summary: "Read everything that the catalog names, check every digest, and draw the golden seeds.",
  examples: ["npm run verify", "npm run verify -- --remote"],
  fields: { ...dryRunField, ...targetFields },
  run: async ({ values }) => {
    await chooseBucket(values)(async (bucket) => {
      const will = values.dryRun ? "would" : "will";
      console.log(`${will} read all that ${bucket.description} has published, and change nothing`);
      if (values.dryRun) return;
      const wrong = new Set<string>();
      for await (const { model, version, says, isRight } of verifyCatalog(
        bucket,
        await readCatalog(bucket),
      )) {
        console.log(`${isRight ? "right" : "WRONG"}  ${model}@${version}  ${says}`);
        if (!isRight) wrong.add(`${model}@${version}`);
      }
      if (wrong.size > 0) {
        throw new PublishError(
          `${wrong.size} published version${wrong.size > 1 ? "s are" : " is"} not what the catalog promises; delete the ` +
            "objects that are wrong and release the same run folder again, or roll back and withdraw it",
        );
      }
    });
  },
});
