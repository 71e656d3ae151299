// npm run prune: deletes remains of interrupted publishes; withdraws a version permanently.

import * as v from "valibot";
import { ReasonSchema } from "../../shared/release/catalog.ts";
import { UsageError } from "../errors.ts";
import { option } from "../options.ts";
import { withdraw } from "../publish/catalog-changes.ts";
import { prune, WITHDRAWAL_GRACE_MINUTES } from "../publish/prune.ts";
import { bucketFields, bucketFromOptions, changeCatalog, parseVersionReference } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";

export const pruneCommand = defineCommand({
  name: "prune",
  summary: "Delete remains of interrupted publishes and the objects of withdrawn versions.",
  examples: [
    "npm run prune -- --dry-run",
    'npm run prune -- --withdraw cnn@VERSION --reason "trained on images we may not use"',
  ],
  fields: {
    withdraw: option(
      v.string(),
      `NAME@VERSION to withdraw: it answers 410, and the first prune after ${WITHDRAWAL_GRACE_MINUTES} minutes deletes it`,
    ),
    reason: option(ReasonSchema, "why it is withdrawn; callers see it"),
    olderThan: option(
      v.pipe(v.number(), v.minValue(0)),
      "minutes; younger remains may belong to a publish in progress",
      60,
    ),
    ...bucketFields,
  },
  run: async ({ values }) => {
    const { dryRun, reason, olderThan } = values;
    if ((values.withdraw === undefined) !== (reason === undefined)) {
      throw new UsageError("--withdraw NAME@VERSION and --reason TEXT go together");
    }
    if (values.withdraw !== undefined) {
      const { name, version } = parseVersionReference(values.withdraw);
      if (!version) throw new UsageError(`--withdraw takes one version: ${name}@VERSION`);
      await changeCatalog(values, (catalog, now) => withdraw(catalog, { name, version }, reason!, now));
    }
    await bucketFromOptions(values)((bucket) =>
      prune(bucket, { dryRun, log: console.log, now: () => new Date(), olderThanMinutes: olderThan }),
    );
  },
});
