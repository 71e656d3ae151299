// Addresses of the first releases keep their bytes, whatever the code that serves them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLocalBucket } from "../../trainer/publish/local-bucket.ts";
import { answerOf, fillBucket, readFrozenAddresses } from "../vectors/frozen-addresses.ts";
import { type Server, startWrangler } from "./server.ts";

let folder: string;
let server: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const bucket = await openLocalBucket("wrangler.toml", folder);
  await fillBucket(bucket);
  await bucket.close();
  server = await startWrangler("wrangler.toml", folder);
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

it.each(await readFrozenAddresses())("$address $upload", async (row) => {
  const { contentType, sha256 } = row;
  expect(await answerOf(server.origin, row)).toEqual({ contentType, sha256 });
});
