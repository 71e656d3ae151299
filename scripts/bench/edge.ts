// npm run bench:edge: what a request costs at the edge, in CPU time of workerd measured from outside, ours beside a
// bare Worker, a Hono hello, and stock tfjs with upng-js on its cpu and wasm backends. Every Worker runs in a workerd of
// its own, draws the same digits of the same release, and is measured in turn, several rounds; medians with quartiles.
// --json prints the figures for machines. Linux only: it reads /proc.

import { gzipSync } from "node:zlib";
import UPNG from "upng-js";
import { SAMPLER_FILE } from "../../shared/latent/gaussian/mixture.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import { CATALOG_KEY, CATALOG_SCHEMA } from "../../shared/release/catalog.ts";
import {
  CARD_FILE,
  NETWORK_FILES,
  releaseKey,
  stringifyJson,
  versionOf,
} from "../../shared/release/release.ts";
import { flag } from "../../trainer/options.ts";
import { listReleaseFolders, readReleaseFolder } from "../../trainer/publish/publish.ts";
import { readOptions } from "../options.ts";
import { formatReport, type Memory, type Spread } from "./edge-report.ts";
import { type Bundle, bundleWorker, type Isolate, startIsolate } from "./isolate.ts";

const { json } = await readOptions({
  name: "bench:edge",
  summary:
    "Time requests in workerd from outside, beside a bare Worker, a Hono hello and stock tfjs. Linux only.",
  examples: ["npm run bench:edge"],
  fields: { json: flag("print the figures for machines") },
});

const ROUNDS = 5;
const WARM_UP_REQUESTS = 1500;
const REQUESTS_PER_ROUND = 200;
const FIRST_REQUESTS = 9;
const CONCURRENCY = 32;
const MEMORY_ROUNDS = 3;
/** From N(0, I), which is all that stock tfjs knows of here. */
const seedPath = (i: number) => `/sample?seed=${i}&sampler=prior`;

const spread = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))]!;
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
};
const progress = (text: string) => process.stderr.write(`${text}\n`);

/** The bundled cnn release as bucket objects, alone in its catalog, and the bundled mlp beside it. */
async function loadObjects() {
  const objects = new Map<string, Uint8Array>();
  const models: Record<string, unknown> = {};
  const releases = new Map<string, { version: string; latentDim: number }>();
  for (const folder of await listReleaseFolders("models")) {
    const { card, cardBytes, cardSha256, files } = await readReleaseFolder(folder);
    const version = versionOf(cardSha256);
    for (const [file, body] of [...files, ["card.json", cardBytes] as const]) {
      objects.set(releaseKey(card.name, version, file), body);
    }
    const published = { version, sha256: cardSha256, publishedAt: "2026-01-01T00:00:00.000Z" };
    models[card.name] = { stable: version, canary: null, history: [published] };
    releases.set(card.name, { version, latentDim: planDecoder(card.spec)[0]!.input[2] });
  }
  objects.set(CATALOG_KEY, stringifyJson({ schema: CATALOG_SCHEMA, default: "cnn", models }));
  return { objects, ...releases.get("cnn")!, otherVersion: releases.get("mlp")!.version };
}

const { objects, version, latentDim, otherVersion } = await loadObjects();
const release = releaseKey("cnn", version, "").slice(0, -1);
const loadedFiles = [CARD_FILE, ...Object.values(NETWORK_FILES.decoder), SAMPLER_FILE];
const bindings = {
  RELEASE: release,
  LATENT_DIM: latentDim,
  KEYS: [CATALOG_KEY, ...loadedFiles.map((file) => releaseKey("cnn", version, file))],
  OTHER_KEYS: loadedFiles.map((file) => releaseKey("mlp", otherVersion, file)),
};

const WORKERS = {
  bare: "scripts/bench/workers/bare.ts",
  hello: "scripts/bench/workers/hello.ts",
  bucket: "scripts/bench/workers/bucket.ts",
  "tfjs cpu": "scripts/bench/workers/stock-cpu.ts",
  "tfjs wasm": "scripts/bench/workers/stock-wasm.ts",
  ours: "worker/index.ts",
} as const;
/** Larger pictures, ours only. The grid has a Worker of its own. */
const DRAWINGS = {
  "size=512": (i: number) => `/sample?seed=${i}&size=512`,
  "16 frames, APNG": (i: number) => `/interpolate?from=${i}&to=b&steps=16&format=apng`,
  SVG: (i: number) => `/sample?seed=${i}&format=svg`,
  "36 digits, one batch": seedPath,
};
const GRID = "36 digits, one batch";
type Name = keyof typeof WORKERS;
const NAMES = Object.keys(WORKERS) as Name[];

progress("bundling");
const bundles = new Map<Name, Bundle>();
for (const name of NAMES) {
  bundles.set(name, await bundleWorker(WORKERS[name]));
}
const start = (name: Name) => startIsolate(bundles.get(name)!, objects, bindings);

/** CPU milliseconds per request of a sequence of requests. */
async function cpuPerRequest(isolate: Isolate, paths: readonly string[]): Promise<number> {
  const before = isolate.cpuMs();
  for (const path of paths) await isolate.fetch(path);
  return (isolate.cpuMs() - before) / paths.length;
}

async function measureFirst(): Promise<Map<Name, Spread>> {
  const times = new Map<Name, number[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < FIRST_REQUESTS; round++) {
    progress(`first requests, round ${round + 1} of ${FIRST_REQUESTS}`);
    for (const name of NAMES) {
      const isolate = await start(name);
      times.get(name)!.push(await cpuPerRequest(isolate, [seedPath(round)]));
      await isolate.dispose();
    }
  }
  return new Map(NAMES.map((name) => [name, spread(times.get(name)!)]));
}

async function measureWarm() {
  const isolates = new Map<Name, Isolate>();
  const times = new Map<string, number[]>();
  const add = (key: string, value: number) => times.set(key, [...(times.get(key) ?? []), value]);
  const seeds = (round: number, count: number) =>
    Array.from({ length: count }, (_, i) => seedPath(1000 * round + i));
  for (const name of NAMES) {
    const isolate = await start(name);
    isolates.set(name, isolate);
    await cpuPerRequest(isolate, seeds(99, WARM_UP_REQUESTS));
  }
  const grid = await startIsolate(await bundleWorker("scripts/bench/workers/grid.ts"), objects, bindings);
  const drawings = Object.entries(DRAWINGS).map(([key, path]) => ({
    key,
    path,
    isolate: key === GRID ? grid : isolates.get("ours")!,
  }));
  for (const { isolate, path } of drawings) for (let i = 0; i < 100; i++) await isolate.fetch(path(i));
  for (let round = 0; round < ROUNDS; round++) {
    progress(`warm requests, round ${round + 1} of ${ROUNDS}`);
    for (const name of NAMES) {
      const isolate = isolates.get(name)!;
      add(name, await cpuPerRequest(isolate, seeds(round, REQUESTS_PER_ROUND)));
      const before = isolate.cpuMs();
      await Promise.all(
        Array.from({ length: CONCURRENCY }, (_, i) =>
          cpuPerRequest(isolate, seeds(100 + round * CONCURRENCY + i, 10)),
        ),
      );
      add(`${name} concurrent`, (isolate.cpuMs() - before) / (CONCURRENCY * 10));
    }
    for (const { key, isolate, path } of drawings) {
      const paths = Array.from({ length: 40 }, (_, i) => path(1000 * round + i));
      add(key, await cpuPerRequest(isolate, paths));
    }
  }
  const images = new Map<Name, Uint8Array>();
  for (const name of ["tfjs cpu", "tfjs wasm", "ours"] as const) {
    images.set(name, await isolates.get(name)!.fetch(seedPath(42)));
  }
  for (const isolate of [...isolates.values(), grid]) await isolate.dispose();
  return { times: new Map([...times].map(([key, values]) => [key, spread(values)])), images };
}

async function measureMemory(): Promise<Map<Name, Memory>> {
  const samples = new Map<Name, Memory[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    progress(`memory, round ${round + 1} of ${MEMORY_ROUNDS}`);
    for (const name of NAMES) {
      const isolate = await start(name);
      await isolate.fetch(seedPath(0));
      if (name === "ours" || name === "bucket") await isolate.fetch("/sample?seed=0&model=mlp");
      const loadedMiB = isolate.residentMiB();
      for (let i = 0; i < 1000; i++) await isolate.fetch(seedPath(i));
      samples.get(name)!.push({ loadedMiB, usedMiB: isolate.residentMiB() });
      await isolate.dispose();
    }
  }
  const median = (values: readonly Memory[], key: keyof Memory) => spread(values.map((m) => m[key])).median;
  return new Map(
    [...samples].map(([name, values]) => [
      name,
      { loadedMiB: median(values, "loadedMiB"), usedMiB: median(values, "usedMiB") },
    ]),
  );
}

/** All Workers must have drawn the same digit: float rounding may move a pixel by one level. */
function checkSameImage(images: ReadonlyMap<Name, Uint8Array>): void {
  const [first, ...rest] = [...images].map(([name, png]) => {
    const image = UPNG.decode(png.slice().buffer);
    return { name, grey: new Uint8Array(UPNG.toRGBA8(image)[0]!).filter((_, i) => i % 4 === 0) };
  });
  for (const { name, grey } of rest) {
    const worst = grey.reduce((max, value, i) => Math.max(max, Math.abs(value - first!.grey[i]!)), 0);
    if (worst > 1) throw new Error(`${name} and ${first!.name} draw different digits (by ${worst}/255)`);
  }
}

const gzipKiB = ({ script, modules }: Bundle) =>
  [Buffer.from(script), ...modules.values()].reduce((sum, part) => sum + gzipSync(part).byteLength, 0) / 1024;

const first = await measureFirst();
const memory = await measureMemory();
const { times, images } = await measureWarm();
checkSameImage(images);

const bareMemory = memory.get("bare")!;
const rows = NAMES.map((name) => ({
  worker: name,
  warm: times.get(name)!,
  concurrent: times.get(`${name} concurrent`)!,
  first: first.get(name)!,
  bytes: images.get(name)?.byteLength,
  gzipKiB: gzipKiB(bundles.get(name)!),
  memory: {
    loadedMiB: memory.get(name)!.loadedMiB - bareMemory.loadedMiB,
    usedMiB: memory.get(name)!.usedMiB - bareMemory.usedMiB,
  },
}));
const drawings = Object.keys(DRAWINGS).map((drawing) => ({ drawing, cpuMs: times.get(drawing)! }));
const report = { rows, drawings };
console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
