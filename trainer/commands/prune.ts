// npm run prune: deletes remains of interrupted publishes; withdraws a version for ever.

import * as v from "valibot";
import { ReasonSchema } from "../../shared/release/catalog.ts";
import { UsageError } from "../errors.ts";
import { option } from "../options.ts";
import { withdraw } from "../publish/catalog-changes.ts";
import { changePublished } from "../publish/catalog-swap.ts";
import { prune, WITHDRAWAL_GRACE_MINUTES } from "../publish/prune.ts";
import { defineCommand } from "./command-line.ts";
import { chooseBucket, dryRunField, parseVersionReference, targetFields } from "./target.ts";

export const pruneCommand = defineCommand({
  name: "prune",
  summary: "Delete remains of interrupted publishes and the objects of withdrawn versions.",
  examples: [
    "npm run prune -- --dry-run",
    'npm run prune -- --withdraw cnn@VERSION --reason "learned from images we may not use"',
  ],
  fields: {
    withdraw: option(
      v.string(),
      `NAME@VERSION that is to answer 410 from now on; its objects go with the first prune after ${WITHDRAWAL_GRACE_MINUTES} minutes`,
    ),
    reason: option(ReasonSchema, "why it is withdrawn; callers read it"),
    olderThan: option(
      v.pipe(v.number(), v.minValue(0)),
      "minutes; younger remains may belong to a publish that is under way",
      60,
    ),
    ...dryRunField,
    ...targetFields,
  },
  run: async ({ values }) => {
    const { dryRun, reason } = values;
    const target = values.withdraw === undefined ? undefined : parseVersionReference(values.withdraw);
    if ((target === undefined) !== (reason === undefined)) {
      throw new UsageError("--withdraw NAME@VERSION and --reason TEXT go together");
    }
    await chooseBucket(values)(async (bucket) => {
      const log = console.log;
      if (target) {
        const { name, version } = target;
        if (!version) throw new UsageError(`--withdraw takes one version: ${name}@VERSION`);
        await changePublished(
          bucket,
          (catalog) => withdraw(catalog, { name, version }, reason!, new Date()),
          {
            dryRun,
            log,
          },
        );
      }
      await prune(bucket, { dryRun, log, now: () => new Date(), olderThanMinutes: values.olderThan });
    });
  },
});
