// npm run models: what is live and since when, from which run, its metrics and its size.

import { EdgeDigitsError } from "../../shared/errors.ts";
import {
  CATALOG_KEY,
  type Catalog,
  type CatalogEntry,
  type Published,
} from "../../shared/release/catalog.ts";
import type { Bucket } from "../publish/bucket.ts";
import { liveSince } from "../publish/catalog-changes.ts";
import { readCatalog } from "../publish/catalog-swap.ts";
import { readStoredCard, sizeOf } from "../publish/stored-release.ts";
import { formatLoss } from "../train/progress.ts";
import { bucketFields, bucketFromOptions } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";

export const modelsCommand = defineCommand({
  name: "models",
  summary: "Show what is published: live versions with run, metrics and size, and the history of changes.",
  examples: ["npm run models", "npm run models -- --remote"],
  fields: bucketFields,
  run: async ({ values }) => {
    await bucketFromOptions(values)(async (bucket) => {
      const will = values.dryRun ? "would" : "will";
      console.log(`${will} read ${CATALOG_KEY} and the cards of ${bucket.description}, and change nothing`);
      if (values.dryRun) return;
      const catalog = await readCatalog(bucket);
      for (const name of Object.keys(catalog.models)) console.log(await describeModel(bucket, catalog, name));
    });
  },
});

async function describeModel(bucket: Bucket, catalog: Catalog, name: string): Promise<string> {
  const entry = catalog.models[name]!;
  const lines = [`\n${name}${name === catalog.default ? " (default)" : ""}`];
  for (const published of entry.history.toReversed()) {
    const { version, forced, withdrawn } = published;
    lines.push(`  ${version}  ${roleOf(entry, published)}`);
    if (forced) lines.push(`      forced        ${forced}`);
    if (withdrawn) continue;
    try {
      const card = await readStoredCard(bucket, name, published);
      const { source, training, metrics } = card;
      const epochs = `${training.preset ?? "?"}, ${card.history.length} epochs on ${card.data.name}`;
      const code = `${source.backend}, code ${source.revision.slice(0, 12)}`;
      const files = Object.keys(card.files).length;
      lines.push(
        `      run           ${published.run ?? "unknown"} (${epochs}; ${code})`,
        `      validation    ${formatLoss(metrics.quantized)}`,
        `      size          ${(sizeOf(card) / 1024).toFixed(1)} KiB in ${files} files`,
      );
    } catch (error) {
      if (!(error instanceof EdgeDigitsError)) throw error;
      lines.push(`      BROKEN        ${error.message}; see "npm run verify"`);
    }
  }
  lines.push(
    ...entry.changes.toReversed().map((change) => {
      const percent = change.change === "canary" ? ` at ${change.percent} %` : "";
      const from = change.change !== "canary" && change.from ? ` from ${change.from}` : "";
      return `  ${change.at}  ${change.change} ${change.version}${percent}${from}`;
    }),
  );
  return lines.join("\n");
}

function roleOf(entry: CatalogEntry, { version, publishedAt, withdrawn }: Published): string {
  if (withdrawn) return `withdrawn on ${withdrawn.at}: ${withdrawn.reason}`;
  if (version === entry.stable)
    return `stable since ${liveSince(entry) ?? "before the first recorded change"}`;
  if (version === entry.canary?.version) {
    const since = entry.changes.findLast((c) => c.change === "canary" && c.version === version)?.at;
    return `canary for ${entry.canary.percent} % of seeds${since ? ` since ${since}` : ""}`;
  }
  return `published on ${publishedAt}`;
}
