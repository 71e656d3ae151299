// npm run rollback: ends a canary, or returns to the version that was stable before.

import { VersionSchema } from "../../shared/release/release.ts";
import { UsageError } from "../errors.ts";
import { option } from "../options.ts";
import { rollBack } from "../publish/catalog-changes.ts";
import { changePublished } from "../publish/catalog-swap.ts";
import { defineCommand } from "./command-line.ts";
import { chooseBucket, dryRunField, parseVersionReference, targetFields } from "./target.ts";

export const rollbackCommand = defineCommand({
  name: "rollback",
  summary: "End a model's canary; or, without one, return to what was stable before the last promotion.",
  examples: ["npm run rollback -- cnn", "npm run rollback -- cnn --to VERSION --remote"],
  fields: {
    to: option(VersionSchema, "version to return to instead"),
    ...dryRunField,
    ...targetFields,
  },
  positionals: ["MODEL"],
  run: async ({ values }, [model]) => {
    const { name, version } = parseVersionReference(model!);
    if (version) throw new UsageError(`rollback takes a model; say "${name} --to ${version}"`);
    await chooseBucket(values)((bucket) =>
      changePublished(bucket, (catalog) => rollBack(catalog, name, values.to, new Date()), {
        dryRun: values.dryRun,
        log: console.log,
      }),
    );
  },
});
