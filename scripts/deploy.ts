// npm run deploy: creates the bucket if it is missing, deploys the Worker, and then publishes the bundled releases, which an
// older Worker might not be able to read. Where R2 is not enabled, the Worker is deployed without a bucket.

import { readFile, writeFile } from "node:fs/promises";
import { remoteBucketFromEnvironment } from "../trainer/commands/bucket-options.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { PublishError } from "../trainer/errors.ts";
import { flag } from "../trainer/options.ts";
import { bucketName } from "../trainer/publish/local-bucket.ts";
import { publishMissing } from "../trainer/publish/publish.ts";
import { writeEmbeddedRelease } from "./embed.ts";
import { runWrangler, succeedsInWrangler, tryWrangler } from "./wrangler.ts";

/** In build/, so its paths lead from there. */
const WITHOUT_BUCKET = "build/wrangler-without-bucket.toml";
/** "Please enable R2 through the Cloudflare Dashboard." */
const R2_DISABLED = /\b10042\b|enable R2/i;

await runCommand({
  name: "deploy",
  summary:
    "Create the bucket if it is missing, deploy the Worker to your account, and publish models/ to the bucket.",
  examples: ["npx wrangler login && npm run deploy", "npm run deploy -- --dry-run"],
  fields: { dryRun: flag("only build and check the Worker, without using an account") },
  run: async ({ values: { dryRun } }) => {
    await writeEmbeddedRelease();
    await writeFile(WITHOUT_BUCKET, withoutBucket(await readFile("wrangler.toml", "utf8")));
    if (dryRun) {
      runWrangler("deploy", "--dry-run", "--outdir", "build/worker", "--config", WITHOUT_BUCKET);
      return runWrangler("deploy", "--dry-run", "--outdir", "build/worker");
    }
    const openBucket = remoteBucketFromEnvironment(process.env);
    if (!hasBucket(bucketName())) {
      runWrangler("deploy", "--config", WITHOUT_BUCKET);
      console.log(
        "R2 is not enabled in this account, so the Worker has no bucket: it serves the release that it carries. " +
          'Enable R2 in the Cloudflare dashboard and run "npm run deploy" again for all models and your own',
      );
      return;
    }
    runWrangler("deploy");
    const bucket = await openBucket();
    try {
      await publishMissing(bucket, "models", { now: new Date(), log: console.log });
    } finally {
      await bucket.close();
    }
  },
});

/**
 * Creates the bucket if it is missing.
 * @returns false if the account has no R2
 * @throws PublishError
 */
function hasBucket(name: string): boolean {
  if (succeedsInWrangler("r2", "bucket", "info", name)) return true;
  const { isDone, output } = tryWrangler("r2", "bucket", "create", name);
  if (isDone) return true;
  if (R2_DISABLED.test(output)) return false;
  throw new PublishError(`"wrangler r2 bucket create ${name}" failed`);
}

function withoutBucket(config: string): string {
  return config
    .replace('main = "', 'main = "../')
    .replace('directory = "build/', 'directory = "')
    .replace(/\[\[r2_buckets\]\]\n(?:\w.*\n?)*/, "");
}
