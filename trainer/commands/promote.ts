// npm run promote: makes a published version the stable one, or shows it to more seeds.

import * as v from "valibot";
import { PercentSchema } from "../../shared/release/catalog.ts";
import { option } from "../options.ts";
import { promote } from "../publish/catalog-changes.ts";
import { bucketFields, changeCatalog, parseVersionReference } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";

export const promoteCommand = defineCommand({
  name: "promote",
  summary: "Make the canary or any published version stable, or show it to a share of seeds.",
  examples: [
    "npm run promote -- cnn",
    "npm run promote -- cnn --canary 50",
    "npm run promote -- cnn@VERSION --remote",
  ],
  fields: {
    canary: option(
      v.pipe(PercentSchema, v.gtValue(0)),
      "show it to this percentage of seeds and keep the stable version",
    ),
    ...bucketFields,
  },
  positionals: ["MODEL"],
  run: ({ values }, [model]) => {
    const reference = parseVersionReference(model!);
    return changeCatalog(values, (catalog, now) => promote(catalog, reference, values.canary, now));
  },
});
