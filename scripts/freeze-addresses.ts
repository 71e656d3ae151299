// Completes the rows of test/vectors/addresses.json that have no digest yet with what a service with the kept releases
// returns. Frozen rows are not changed.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWrangler } from "../test/e2e/server.ts";
import {
  ADDRESSES_FILE,
  answerOf,
  fillBucket,
  readFrozenAddresses,
} from "../test/vectors/frozen-addresses.ts";
import { openLocalBucket } from "../trainer/publish/local-bucket.ts";

const rows = await readFrozenAddresses();
const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
const bucket = await openLocalBucket("wrangler.toml", folder);
await fillBucket(bucket);
await bucket.close();
const server = await startWrangler("wrangler.toml", folder);
const frozen = [];
for (const row of rows) frozen.push(row.sha256 ? row : { ...row, ...(await answerOf(server.origin, row)) });
await server.stop();
await rm(folder, { recursive: true });
await writeFile(ADDRESSES_FILE, `${JSON.stringify(frozen, null, 1)}\n`);
console.log(`${ADDRESSES_FILE}: ${rows.filter((row) => !row.sha256).length} rows frozen`);
