// npm run release: a run folder to a published release.

import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { SingleBar } from "cli-progress";
import * as v from "valibot";
import { CATALOG_KEY, PercentSchema, parseCatalog, publishedOf, ReasonSchema } from "../../shared/catalog.ts";
import { EdgeDigitsError } from "../../shared/errors.ts";
import { ModelNameSchema } from "../../shared/release.ts";
import { assembleRelease, type Release } from "../assemble.ts";
import type { Bucket } from "../bucket.ts";
import { readCodeVersion } from "../code-version.ts";
import { defineCommand } from "../command-line.ts";
import { GateError, UsageError } from "../errors.ts";
import { checkStock } from "../golden.ts";
import { checkAgainstLive } from "../measure.ts";
import { formatLoss } from "../progress.ts";
import { DEFAULT_FILE, publishRelease, readReleaseFolder } from "../publish.ts";
import { readConfig } from "../run-folder.ts";
import { readStoredCard } from "../stored-release.ts";
import { chooseBucket, dryRunField, targetFields } from "../target.ts";

const MODELS_FOLDER = "models";

export const releaseCommand = defineCommand({
  name: "release",
  summary:
    "Quantize a finished run, measure what that costs, and publish it, if it is no worse than what is live.",
  usage: "npm run release -- RUN",
  examples: [
    "npm run release -- runs/cnn",
    "npm run release -- runs/cnn --canary 10",
    "npm run release -- runs/cnn --name digits --default",
    "CLOUDFLARE_ACCOUNT_ID=... R2_ACCESS_KEY_ID=... R2_SECRET_ACCESS_KEY=... npm run release -- runs/cnn --remote",
  ],
  fields: {
    name: v.pipe(
      v.optional(ModelNameSchema),
      v.description("name in the catalog (default: the run's preset)"),
    ),
    canary: v.pipe(
      v.optional(v.pipe(PercentSchema, v.gtValue(0))),
      v.description("show it to so many percent of seeds only; npm run promote makes it stable"),
    ),
    force: v.pipe(
      v.optional(ReasonSchema),
      v.description(
        "publish it though it is worse than the live version, for this reason, which is recorded",
      ),
    ),
    bundle: v.pipe(
      v.optional(v.boolean(), false),
      v.description("put it into models/ instead, in place of the bundled release of that name"),
    ),
    default: v.pipe(
      v.optional(v.boolean(), false),
      v.description("make it the model of requests that name none"),
    ),
    ...dryRunField,
    ...targetFields,
  },
  positionals: ["RUN"],
  run: async ({ values }, [run]) => {
    const config = await readConfig(run!);
    const name = values.name ?? config.preset;
    if (values.bundle && (values.remote || values.canary !== undefined || values.force !== undefined)) {
      throw new UsageError("--bundle publishes nothing: leave out --remote, --canary and --force");
    }
    // Keys are checked before minutes are spent on measuring.
    const withBucket = chooseBucket(values);
    const bar = new SingleBar({
      format: "{task} [{bar}] {value}/{total} | {eta_formatted} left",
      clearOnComplete: true,
    });
    bar.start(0, 0, { task: "reading" });
    const release = await assembleRelease({
      run: run!,
      config,
      name,
      ...readCodeVersion(),
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
    await checkStock(await readReleaseFolder(release.folder));
    console.log(`stock tfjs draws the same ${release.card.golden.length} digits from its files`);
    if (values.bundle) {
      console.log(`will put ${name}@${release.version} into ${MODELS_FOLDER}/, in place of what is there`);
      if (values.dryRun) return;
      await rm(`${MODELS_FOLDER}/${name}`, { recursive: true, force: true });
      await mkdir(`${MODELS_FOLDER}/${name}`, { recursive: true });
      await cp(release.folder, `${MODELS_FOLDER}/${name}/${release.version}`, { recursive: true });
      if (values.default) await writeFile(`${MODELS_FOLDER}/${DEFAULT_FILE}`, `${name}\n`);
      return console.log(
        `${name}@${release.version} is in ${MODELS_FOLDER}/; "npm start" and "npm run deploy" publish it`,
      );
    }
    await withBucket(async (bucket) => {
      const forced = await compareWithLive(bucket, release, values.force);
      await publishRelease(bucket, release.folder, {
        promote: values.canary ?? "always",
        makeDefault: values.default,
        run: run!,
        forced,
        now: new Date(),
        dryRun: values.dryRun,
        log: console.log,
      });
    });
  },
});

/**
 * Refuses a release that is worse than the live version.
 * @returns the reason for publishing it all the same, where it took one
 */
async function compareWithLive(
  bucket: Bucket,
  { card, version }: Release,
  reason: string | undefined,
): Promise<string | undefined> {
  const stored = await bucket.get(CATALOG_KEY);
  const catalog = stored && parseCatalog(stored.body);
  const stable = catalog?.models[card.name]?.stable;
  if (!catalog || !stable || stable === version) return undefined;
  try {
    const live = await readStoredCard(bucket, card.name, publishedOf(catalog, card.name, stable));
    checkAgainstLive(card, live);
    console.log(`live       ${formatLoss(live.metrics.quantized)}, ${card.name}@${stable}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof EdgeDigitsError)) throw error;
    if (reason === undefined) {
      const hint = "nothing was published; --force REASON publishes it and records the reason";
      throw new GateError(`${error.message}; ${hint}`, { cause: error });
    }
    console.log(`forced     ${error.message}`);
    return reason;
  }
}
