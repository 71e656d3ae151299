// npm run release: publishes a release of a run.

import * as v from "valibot";
import { EdgeDigitsError } from "../../shared/errors.ts";
import {
  type Catalog,
  findEntry,
  PercentSchema,
  publishedOf,
  ReasonSchema,
} from "../../shared/release/catalog.ts";
import { ModelNameSchema } from "../../shared/release/release.ts";
import { GateError, PublishError, UsageError } from "../errors.ts";
import { kindOf } from "../latent/kind.ts";
import { flag, option } from "../options.ts";
import type { Bucket } from "../publish/bucket.ts";
import { bundle } from "../publish/bundle.ts";
import { checkCanary } from "../publish/catalog-changes.ts";
import { findCatalog } from "../publish/catalog-swap.ts";
import { publishRelease, readReleaseFolder } from "../publish/publish.ts";
import { readStoredCard } from "../publish/stored-release.ts";
import { assembleRelease, type Release } from "../release/assemble.ts";
import { type CodeVersion, isDirty, readCodeVersion } from "../release/code-version.ts";
import { checkStock } from "../release/golden.ts";
import { checkAgainstLive } from "../release/measure.ts";
import { formatLoss, withBar } from "../train/progress.ts";
import { readConfig } from "../train/run-folder.ts";
import { bucketFields, bucketFromOptions } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";

export const releaseCommand = defineCommand({
  name: "release",
  summary:
    "Quantize a finished run, measure the loss of quality, and publish it unless it is worse than the live version.",
  examples: [
    "npm run release -- runs/cnn",
    "npm run release -- runs/cnn --canary 10",
    "npm run release -- runs/cnn --name digits --default",
    "npm run release -- runs/cnn --remote",
  ],
  fields: {
    name: option(ModelNameSchema, "name in the catalog (default: the run's preset)"),
    canary: option(
      v.pipe(PercentSchema, v.gtValue(0)),
      "show it to only this percentage of seeds; npm run promote makes it stable",
    ),
    force: option(
      ReasonSchema,
      "publish it for this reason, which is recorded, although it is worse than the live version or, with --bundle or " +
        "--remote, although the code has uncommitted changes",
    ),
    bundle: flag("put it into models/ instead, replacing the bundled release of that name"),
    default: flag("make it the default model of requests"),
    ...bucketFields,
  },
  positionals: ["RUN"],
  run: async ({ values }, [run]) => {
    const config = await readConfig(run!);
    const name = values.name ?? config.preset;
    const { unserved, described } = kindOf(config.spec);
    if (unserved) {
      throw new GateError(
        `models ${described}, such as ${run}, are not served: ${unserved}; evaluate and report work on it`,
      );
    }
    if (values.bundle && (values.remote || values.store !== undefined || values.canary !== undefined)) {
      throw new UsageError("--bundle publishes nothing: omit --remote, --store and --canary");
    }
    // Refuse as early as possible, before spending minutes on measuring.
    const code = readCodeVersion();
    const dirt = values.bundle || values.remote ? checkCommitted(code, values.force) : undefined;
    const withBucket = bucketFromOptions(values);
    if (!values.bundle) {
      await withBucket(async (bucket) => checkCanary(await findCatalog(bucket), name, values.canary));
    }
    const release = await withBar("", (onProgress) =>
      assembleRelease({ run: run!, config, name, ...code, onProgress }),
    );
    const { metrics } = release.card;
    console.log(`float      ${formatLoss(metrics.float)} on ${metrics.validationImages} validation images`);
    console.log(`quantized  ${formatLoss(metrics.quantized)}`);
    const { mean, p999, max } = metrics.pixelError;
    console.log(
      `pixels     ${mean.toFixed(3)}/255 mean error, ${p999}/255 at the 99.9th percentile, ${max}/255 at most`,
    );
    await checkStock(await readReleaseFolder(release.folder));
    console.log(`stock tfjs draws the same ${release.card.golden.length} digits from its files`);
    if (values.bundle) return bundle(release, { ...values, forced: dirt });
    await withBucket((bucket) =>
      publishRelease(bucket, release.folder, {
        promote: values.canary ?? "always",
        makeDefault: values.default,
        run: run!,
        judge: async (catalog) => (await compareWithLive(bucket, catalog, release, values.force)) ?? dirt,
        now: new Date(),
        dryRun: values.dryRun,
        log: console.log,
      }),
    );
  },
});

/**
 * Refuses uncommitted code.
 * @returns the reason for using it anyway, if it is uncommitted
 */
function checkCommitted(code: CodeVersion, reason: string | undefined): string | undefined {
  if (!isDirty(code)) return undefined;
  if (reason !== undefined) return reason;
  throw new GateError(
    `files differ from commit ${code.revision.slice(0, 12)}, so this release could not be reproduced; commit them, or ` +
      "give --force REASON, which is recorded",
  );
}

/**
 * Refuses a release that is worse than the live version.
 * @returns the reason for publishing it anyway, if it is worse
 */
async function compareWithLive(
  bucket: Bucket,
  catalog: Catalog | undefined,
  { card, version }: Release,
  reason: string | undefined,
): Promise<string | undefined> {
  const stable = catalog && findEntry(catalog, card.name)?.stable;
  if (!stable || stable === version) return undefined;
  try {
    const live = await readStoredCard(bucket, card.name, publishedOf(catalog, card.name, stable));
    checkAgainstLive(card, live);
    console.log(`live       ${formatLoss(live.metrics.quantized)}, ${card.name}@${stable}`);
    return undefined;
  } catch (error) {
    // A bucket that cannot be read says nothing about the release.
    if (!(error instanceof EdgeDigitsError) || error instanceof PublishError) throw error;
    if (reason === undefined) {
      const hint = "nothing was published; --force REASON publishes it and records the reason";
      throw new GateError(`${error.message}; ${hint}`, { cause: error });
    }
    console.log(`forced     ${error.message}`);
    return reason;
  }
}
