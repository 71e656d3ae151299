// npm run serve: the Worker's app on plain Node, in production: a folder or an S3 bucket as its store, the bundled models in
// it, the page beside it, a line of log per request, and an end that lets running requests finish.

import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { createAdaptorServer } from "@hono/node-server";
import * as v from "valibot";
import release from "../build/release.bin";
import { unpackObjects } from "../shared/release/packed-objects.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { UsageError } from "../trainer/errors.ts";
import { flag, option, wholeNumber } from "../trainer/options.ts";
import type { Bucket } from "../trainer/publish/bucket.ts";
import { isAddress, openFolderBucket } from "../trainer/publish/folder-bucket.ts";
import { publishMissing } from "../trainer/publish/publish.ts";
import { openS3Bucket } from "../trainer/publish/s3-bucket.ts";
import { BudgetSetting } from "../worker/api/budget.ts";
import { createApp } from "../worker/app.ts";
import { createModelStore } from "../worker/models/model-store.ts";
import { PAGES } from "../worker/page.ts";
import { warmUp } from "../worker/warm-up.ts";
import { openAssets } from "./assets.ts";
import { toReadable } from "./readable-bucket.ts";

/** Time for running requests to finish. */
const GRACE_MS = 10_000;
/** From build/serve/serve.js. */
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await runCommand({
  name: "serve",
  summary: "Serve digits in production with plain Node, from a folder or an S3 bucket.",
  examples: [
    "npm run serve",
    "npm run serve -- --port 80 --host 0.0.0.0 --store /var/lib/digits",
    "AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... npm run serve -- --store https://s3.example/bucket",
  ],
  fields: {
    port: option(wholeNumber(1, 65_535), "port to listen on", 8787),
    host: option(v.string(), "address to listen on; 0.0.0.0 for all", "127.0.0.1"),
    store: option(v.string(), "folder, or https://ENDPOINT/BUCKET with keys in the environment", ".store"),
    asIs: flag("serve the store as it is, without publishing the bundled models to it"),
    budget: option(BudgetSetting, "what one request may cost, in digits of cnn, or none", "none"),
    origin: option(
      v.pipe(
        v.string(),
        v.regex(/^https?:\/\/[^/?#\s]+$/, "expected scheme and host, such as https://digits.example"),
      ),
      "public scheme and host behind a proxy, for link previews, such as https://digits.example",
    ),
  },
  run: async ({ values: { port, host, store: location, asIs, budget, origin } }) => {
    const bucket = openStore(location, process.env);
    if (!asIs) await publishMissing(bucket, beside("../../models"), { now: new Date(), log: console.log });
    const store = createModelStore(toReadable(bucket), Date.now, () => {}, {
      embedded: unpackObjects(release),
    });
    await warmUp(store, createApp(store));
    const assets = await openAssets(beside("../assets"));
    const app = createApp(store, {
      budget,
      readPage: async (request) => assets(request)!,
      origin,
      purgeToken: process.env.PURGE_TOKEN,
      log: console.log,
    });
    const server = createAdaptorServer({
      fetch: (request: Request) => {
        const isPage = PAGES.includes(new URL(request.url).pathname);
        return (isPage ? undefined : assets(request)) ?? app.fetch(request);
      },
      // Sixteen seeds of 128 characters, percent-encoded.
      serverOptions: { maxHeaderSize: 65_536 },
    });
    const closeKept = closeAfterReplies(server as Server);
    server.listen(port, host);
    await once(server, "listening");
    console.log(JSON.stringify({ message: "serving", host, port, store: bucket.description }));
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
    });
    closeKept();
    server.close();
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    await once(server, "close");
    await bucket.close();
  },
});

/** @returns what ends each connection after the reply that it waits for; others end at once */
function closeAfterReplies(server: Server): () => void {
  const sockets = new Set<Socket>();
  const running = new Map<ServerResponse, Socket>();
  let isClosing = false;
  const close = (response: ServerResponse, socket: Socket) => {
    if (!response.headersSent) response.setHeader("Connection", "close");
    // By then it has no socket of its own.
    else response.once("finish", () => socket.end());
  };
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (isClosing) close(response, socket);
    running.set(response, socket);
    response.once("close", () => running.delete(response));
  });
  return () => {
    isClosing = true;
    for (const [response, socket] of running) close(response, socket);
    server.closeIdleConnections();
    // Node takes a connection for busy that has not sent anything yet.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
}

/** @throws UsageError */
function openStore(location: string, env: NodeJS.ProcessEnv): Bucket {
  if (!isAddress(location)) return openFolderBucket(location);
  if (!/^https?:/.test(location)) {
    throw new UsageError(`--store is a folder or https://ENDPOINT/BUCKET, found ${location}`);
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new UsageError(
      `--store ${location} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`,
    );
  }
  const end = location.replace(/\/$/, "").lastIndexOf("/");
  const [endpoint, bucket] = [location.slice(0, end), location.slice(end + 1).replace(/\/$/, "")];
  return openS3Bucket({ endpoint, bucket, accessKeyId, secretAccessKey, ...(region && { region }) });
}
