// npm run release: a run folder to a published release.

import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { SingleBar } from "cli-progress";
import * as v from "valibot";
import { ModelNameSchema } from "../../shared/release.ts";
import { assembleRelease } from "../assemble.ts";
import { openLocalBucket, openS3Bucket, s3AccessFromEnvironment } from "../bucket.ts";
import { defineCommand } from "../command-line.ts";
import { formatLoss } from "../progress.ts";
import { publishRelease } from "../publish.ts";
import { readConfig } from "./train.ts";

const MODELS_FOLDER = "models";

export const releaseCommand = defineCommand({
  name: "release",
  summary: "Quantize a finished run, measure what that costs, and publish it as the model's stable version.",
  usage: "npm run release -- RUN",
  examples: [
    "npm run release -- runs/cnn",
    "npm run release -- runs/cnn --name digits --default",
    "CLOUDFLARE_ACCOUNT_ID=... R2_ACCESS_KEY_ID=... R2_SECRET_ACCESS_KEY=... npm run release -- runs/cnn --remote",
  ],
  fields: {
    name: v.pipe(
      v.optional(ModelNameSchema),
      v.description("name in the catalog (default: the run's preset)"),
    ),
    remote: v.pipe(
      v.optional(v.boolean(), false),
      v.description("publish to the real bucket over its S3 API, with keys from the environment"),
    ),
    bundle: v.pipe(
      v.optional(v.boolean(), false),
      v.description("put it into models/ instead, in place of the bundled release of that name"),
    ),
    default: v.pipe(
      v.optional(v.boolean(), false),
      v.description("make it the model of requests that name none"),
    ),
    persistTo: v.pipe(
      v.optional(v.string(), ".wrangler/state"),
      v.description("state folder of the local bucket"),
    ),
  },
  positionals: ["RUN"],
  run: async ({ values }, [run]) => {
    const config = await readConfig(run!);
    const name = values.name ?? config.preset;
    // Keys are checked before minutes are spent on measuring.
    const access = values.remote ? s3AccessFromEnvironment(process.env) : undefined;
    const bar = new SingleBar({
      format: "{task} [{bar}] {value}/{total} | {eta_formatted} left",
      clearOnComplete: true,
    });
    bar.start(0, 0, { task: "reading" });
    const release = await assembleRelease({
      run: run!,
      config,
      name,
      revision: revision(),
      trainer: JSON.parse(await readFile("package.json", "utf8")).version,
      onProgress: (task, done, total) => {
        bar.setTotal(total);
        bar.update(done, { task });
      },
    }).finally(() => bar.stop());
    const { metrics } = release.card;
    console.log(`float      ${formatLoss(metrics.float)} on ${metrics.validationImages} validation images`);
    console.log(`quantized  ${formatLoss(metrics.quantized)}`);
    const { mean, p999, max } = metrics.pixelError;
    console.log(
      `pixels     ${mean.toFixed(3)}/255 mean error, ${p999}/255 at the 99.9th percentile, ${max}/255 at most`,
    );
    if (values.bundle) {
      await rm(`${MODELS_FOLDER}/${name}`, { recursive: true, force: true });
      await mkdir(`${MODELS_FOLDER}/${name}`, { recursive: true });
      await cp(release.folder, `${MODELS_FOLDER}/${name}/${release.version}`, { recursive: true });
      return console.log(
        `${name}@${release.version} is in ${MODELS_FOLDER}/; "npm start" and "npm run deploy" publish it`,
      );
    }
    const bucket = access ? openS3Bucket(access) : await openLocalBucket("wrangler.toml", values.persistTo);
    try {
      await publishRelease(bucket, release.folder, {
        promote: "always",
        makeDefault: values.default,
        now: new Date(),
        log: (line) => console.log(line),
      });
    } finally {
      await bucket.close();
    }
  },
});

/** The commit that the code is at, with "-modified" when files differ from it. */
function revision(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--abbrev=40", "--dirty=-modified", "--exclude=*"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}
