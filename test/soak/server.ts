// A real server for the soak: the Worker in a workerd over a local bucket, which publishers reach through its S3 API.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker } from "../../scripts/bench/isolate.ts";
import type { Bucket } from "../../trainer/publish/bucket.ts";
import { guardChildren } from "../../trainer/publish/orphans.ts";
import { openS3Bucket, type S3Access } from "../../trainer/publish/s3-bucket.ts";
import { type Fixture, objectsOf } from "../fixture.ts";

const KEYS = { accessKeyId: "soak-key", secretAccessKey: "soak-secret" };
const BUCKET = "digits";

export type BucketFault = "none" | "fails" | "hangs" | "slow";

export interface SoakServer {
  readonly origin: string;
  readonly access: S3Access;
  readonly bucket: Bucket;
  /** Writes a release as a folder that can be published. */
  readonly writeFolder: (fixture: Fixture) => Promise<string>;
  /** What the bucket does to the Worker from now on. */
  readonly setFault: (fault: BucketFault) => Promise<void>;
  /** What the Worker's isolate holds by V8's count: objects, array buffers and decoders. */
  readonly heapMiB: () => Promise<number>;
  readonly dispose: () => Promise<void>;
}

export async function startSoakServer(): Promise<SoakServer> {
  const root = await mkdtemp(join(tmpdir(), "edge-digits-soak-"));
  const { script, modules } = await bundleWorker("scripts/bench/workers/soak.ts");
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [
        { type: "ESModule", path: "index.js", contents: script },
        ...[...modules].map(([path, contents]) => ({ type: "CompiledWasm", path, contents }) as const),
      ],
      compatibilityDate: "2026-10-01",
      r2Buckets: { MODELS: { id: BUCKET, s3Credentials: KEYS } },
      // Clients go straight to the Worker, publishers to Miniflare's own, which is the S3 API.
      inspectorPort: 0,
      // What the Worker says of each fault is what it should say.
      handleStructuredLogs: () => {},
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      host: "127.0.0.1",
      port: 0,
    }),
  );
  const endpoint = new URL("/cdn-cgi/local/r2/s3", await guardChildren(() => miniflare.ready)).href;
  const origin = (await miniflare.unsafeGetDirectURL()).href.replace(/\/$/, "");
  const inspector = await inspectorAddress(await miniflare.getInspectorURL());
  const access = { endpoint, bucket: BUCKET, ...KEYS };
  return {
    origin,
    access,
    bucket: openS3Bucket(access),
    writeFolder: async (fixture) => {
      const folder = join(root, "models", fixture.name, fixture.version);
      await mkdir(folder, { recursive: true });
      for (const [key, body] of objectsOf(fixture))
        await writeFile(join(folder, key.split("/").at(-1)!), body);
      return folder;
    },
    setFault: async (fault) => {
      await fetch(`${origin}/`, { headers: { "X-Fault": fault } });
    },
    heapMiB: () => measureHeap(inspector),
    dispose: async () => {
      await miniflare.dispose();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The Worker's isolate among those that Miniflare runs. */
async function inspectorAddress({ host }: URL): Promise<string> {
  const list = await fetch(`http://${host}/json`);
  const isolates = (await list.json()) as { id: string; webSocketDebuggerUrl: string }[];
  const worker = isolates.find(({ id }) => id.startsWith("core:user"));
  if (!worker) throw new Error(`workerd's inspector lists ${isolates.map(({ id }) => id)}, none core:user`);
  return worker.webSocketDebuggerUrl;
}

/** By V8's own count: https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-getHeapUsage */
async function measureHeap(address: string): Promise<number> {
  const socket = new WebSocket(address);
  try {
    const text = await new Promise<string>((resolve, reject) => {
      socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = () => reject(new Error(`the inspector at ${address} gives no heap usage`));
    });
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = JSON.parse(text).result;
    return (usedSize + embedderHeapUsedSize + backingStorageSize) / 2 ** 20;
  } finally {
    socket.close();
  }
}
