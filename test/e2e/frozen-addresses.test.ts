// Addresses of the first releases keep their bytes, whatever the code that serves them.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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

it("a client that disconnects while it sends is not a failure in the log", async () => {
  const { hostname, port } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const head = ["POST /encode HTTP/1.1", "Host: x", "Content-Type: image/png", "Content-Length: 100000"];
  socket.write(`${head.join("\r\n")}\r\n\r\n${"x".repeat(1000)}`);
  // The Worker has begun to read; then it has time to log.
  await sleep(500);
  socket.destroy();
  await sleep(1000);
  expect((await fetch(`${server.origin}/health`)).status).toBe(200);
  expect(server.output()).toContain('"message":"request"');
  expect(server.output()).not.toContain('"message":"failure"');
});
