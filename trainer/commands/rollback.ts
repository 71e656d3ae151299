// npm run rollback: ends a canary, or returns to the version that was stable before.

import { VersionSchema } from "../../shared/release/release.ts";
import { UsageError } from "../errors.ts";
import { option } from "../options.ts";
import { rollBack } from "../publish/catalog-changes.ts";
import { bucketFields, changeCatalog, parseVersionReference } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";

export const rollbackCommand = defineCommand({
  name: "rollback",
  summary:
    "End a model's canary or, without one, return to the version that was stable before the last promotion.",
  examples: ["npm run rollback -- cnn", "npm run rollback -- cnn --to VERSION --remote"],
  fields: { to: option(VersionSchema, "version to return to instead"), ...bucketFields },
  positionals: ["MODEL"],
  run: ({ values }, [model]) => {
    const { name, version } = parseVersionReference(model!);
    if (version) throw new UsageError(`rollback takes a model; use "${name} --to ${version}"`);
    return changeCatalog(values, (catalog, now) => rollBack(catalog, name, values.to, now));
  },
});
