// npm run deploy: creates the bucket if it is missing, deploys the Worker, and then publishes the bundled releases, which an
// older Worker might not be able to read.

import { s3AccessFromEnvironment } from "../trainer/commands/bucket-options.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { flag } from "../trainer/options.ts";
import { bucketName } from "../trainer/publish/local-bucket.ts";
import { publishMissing } from "../trainer/publish/publish.ts";
import { openS3Bucket } from "../trainer/publish/s3-bucket.ts";
import { writeEmbeddedRelease } from "./embed.ts";
import { runWrangler, succeedsInWrangler } from "./wrangler.ts";

await runCommand({
  name: "deploy",
  summary:
    "Create the bucket if it is missing, deploy the Worker to your account, and publish models/ to the bucket.",
  examples: [
    "CLOUDFLARE_ACCOUNT_ID=... R2_ACCESS_KEY_ID=... R2_SECRET_ACCESS_KEY=... npm run deploy",
    "npm run deploy -- --dry-run",
  ],
  fields: { dryRun: flag("only build and check the Worker, without using an account") },
  run: async ({ values: { dryRun } }) => {
    await writeEmbeddedRelease();
    if (dryRun) return runWrangler("deploy", "--dry-run", "--outdir", "build/worker");
    const access = s3AccessFromEnvironment(process.env);
    const name = bucketName();
    if (!succeedsInWrangler("r2", "bucket", "info", name)) runWrangler("r2", "bucket", "create", name);
    runWrangler("deploy");
    await publishMissing(openS3Bucket(access), "models", { now: new Date(), log: console.log });
  },
});
