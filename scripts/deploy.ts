// npm run deploy: creates the bucket where it is missing, publishes the bundled releases to it, deploys the Worker.

import { spawnSync } from "node:child_process";
import * as v from "valibot";
import { defineCommand, runCommand } from "../trainer/command-line.ts";
import { PublishError } from "../trainer/errors.ts";
import { bucketName } from "../trainer/local-bucket.ts";
import { publishMissing } from "../trainer/publish.ts";
import { openS3Bucket } from "../trainer/s3-bucket.ts";
import { s3AccessFromEnvironment } from "../trainer/target.ts";
import { wranglerPath } from "./wrangler.ts";

const deployCommand = defineCommand({
  name: "deploy",
  summary: "Create the bucket where missing, publish models/ into it, and deploy the Worker to your account.",
  usage: "npm run deploy --",
  examples: [
    "CLOUDFLARE_ACCOUNT_ID=... R2_ACCESS_KEY_ID=... R2_SECRET_ACCESS_KEY=... npm run deploy",
    "npm run deploy -- --dry-run",
  ],
  fields: {
    dryRun: v.pipe(
      v.optional(v.boolean(), false),
      v.description("build and check the Worker only; touch no account"),
    ),
  },
  positionals: [],
  run: async ({ values: { dryRun } }) => {
    if (dryRun) return wrangler("deploy", "--dry-run", "--outdir", "build/worker");
    const access = s3AccessFromEnvironment(process.env);
    const name = bucketName();
    if (!succeeds("r2", "bucket", "info", name)) wrangler("r2", "bucket", "create", name);
    await publishMissing(openS3Bucket(access), "models", {
      now: new Date(),
      log: (line) => console.log(line),
    });
    wrangler("deploy");
  },
});

function succeeds(...args: string[]): boolean {
  return spawnSync(process.execPath, [wranglerPath, ...args], { stdio: "ignore" }).status === 0;
}

function wrangler(...args: string[]): void {
  const { status } = spawnSync(process.execPath, [wranglerPath, ...args], { stdio: "inherit" });
  if (status !== 0) throw new PublishError(`"wrangler ${args.join(" ")}" failed with exit code ${status}`);
}

await runCommand(deployCommand, process.argv.slice(2));
