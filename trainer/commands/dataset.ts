// npm run dataset: a generated data set in MNIST's form, by any release.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { fromMemory, openRelease } from "../../shared/release/open.ts";
import { ModelNameSchema, versionOf } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { setIn } from "../data/generate.ts";
import { UsageError } from "../errors.ts";
import { flagOf, option } from "../options.ts";
import { readDefaultRelease, readReleaseFolder } from "../publish/publish.ts";
import { publishSet } from "../publish/publish-set.ts";
import { bucketFields, bucketFromOptions } from "./bucket-options.ts";
import { defineCommand } from "./command-line.ts";
import { datasetFields, writeDataset } from "./dataset-options.ts";

export const datasetCommand = defineCommand({
  name: "dataset",
  summary:
    "Draw a data set of handwritten digits, of any size, into IDX files that any reader of MNIST takes. Seed, model and " +
    "options decide every byte.",
  examples: [
    "npm run dataset -- --count 60000 --seed 7 --out data/mine",
    "npm run dataset -- --count 1000 --balance uniform --digits 17 --slant=-15..15 --weight 0.8..1.3",
    "npm run dataset -- --seed 7 --gzip --publish lesson --store .store",
    "npm run train -- --data data/mine --out runs/mine",
  ],
  fields: {
    ...datasetFields,
    publish: option(
      ModelNameSchema,
      "also put it into the bucket under this name, once: /dataset/NAME/FILE then sends its files",
    ),
    ...bucketFields,
    release: option(v.string(), "folder of the release that draws (default: the bundled default model's)"),
  },
  run: async ({ given, values: { release: folder, ...values } }) => {
    const useless = Object.keys(bucketFields).find((name) => given.has(name as keyof typeof bucketFields));
    if (useless && values.publish === undefined) {
      throw new UsageError(`--${flagOf(useless)} is of use with --publish only`);
    }
    const { card, cardSha256, files } = await (folder ? readReleaseFolder(folder) : readDefaultRelease());
    const release = await openRelease(card, fromMemory(files), loadDecodeKernels());
    // Refuse as early as possible, before minutes of drawing.
    const withBucket = values.publish === undefined ? undefined : bucketFromOptions(values);
    const { publish, dryRun, remote: _, persistTo: __, store: ___, ...set } = values;
    const model = { name: card.name, version: versionOf(cardSha256), release };
    await setIn(set.out);
    const out = dryRun ? await mkdtemp(join(tmpdir(), "edge-digits-")) : set.out;
    try {
      await writeDataset(set, model, out);
      await withBucket?.((bucket) => publishSet(bucket, out, publish!, { dryRun, log: console.log }));
    } finally {
      if (dryRun) await rm(out, { recursive: true });
    }
  },
});
