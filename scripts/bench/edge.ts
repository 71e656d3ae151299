// npm run bench:edge: CPU time of a request in workerd, measured from outside, compared with a bare Worker, a Hono
// hello, and stock tfjs with upng-js on its cpu and wasm backends. Every Worker runs in its own
// workerd, draws the same digits of the same release, and is measured in turn over several rounds; medians with quartiles.
// Linux only: it reads /proc.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import UPNG from "upng-js";
import { SAMPLER_FILE } from "../../shared/latent/gaussian/mixture.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import { CATALOG_KEY } from "../../shared/release/catalog.ts";
import { CARD_FILE, NETWORK_FILES, releaseKey, versionOf } from "../../shared/release/release.ts";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { flag, option, wholeNumber } from "../../trainer/options.ts";
import { writeEmbeddedRelease } from "../embed.ts";
import { formatTable } from "../tables.ts";
import { formatSpread, readBundled, type Spread, takeTurns, toObjects } from "./harness.ts";
import { type Bundle, bundleWorker, cpuPerRequest, type Isolate, startIsolate } from "./isolate.ts";

const WARM_UP_REQUESTS = 1500;
const REQUESTS_PER_ROUND = 200;
const CONCURRENCY = 32;

const WORKERS = {
  bare: "scripts/bench/workers/bare.ts",
  hello: "scripts/bench/workers/hello.ts",
  bucket: "scripts/bench/workers/bucket.ts",
  "tfjs cpu": "scripts/bench/workers/stock-cpu.ts",
  "tfjs wasm": "scripts/bench/workers/stock-wasm.ts",
  ours: "worker/index.ts",
} as const;
type Name = keyof typeof WORKERS;
const NAMES = Object.keys(WORKERS) as Name[];
/** Larger pictures, ours only. */
const DRAWINGS = {
  "size=512": (i: number) => `/sample?seed=${i}&size=512`,
  "16 frames, APNG": (i: number) => `/interpolate?from=${i}&to=b&steps=16&format=apng`,
  SVG: (i: number) => `/sample?seed=${i}&format=svg`,
  "36 digits, one batch": seedPath,
};
/** The drawing that has its own Worker. */
const GRID = "36 digits, one batch";

await runCommand({
  name: "bench:edge",
  summary:
    "Time requests in workerd from outside, compared with a bare Worker, a Hono hello and stock tfjs. Linux only.",
  examples: ["npm run bench:edge", "npm run bench:edge -- --rounds 1"],
  fields: {
    json: flag("print the figures as JSON"),
    rounds: option(
      wholeNumber(1),
      "rounds of warm requests; first requests get four more, memory two less",
      5,
    ),
  },
  run: async ({ values: { json, rounds } }) => {
    const report = await measureEdge(rounds);
    console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
  },
});

async function measureEdge(rounds: number) {
  const { objects, bindings } = await loadBucket();
  const bundles = new Map<string, Bundle>();
  const embedded = join(await mkdtemp(join(tmpdir(), "edge-digits-")), "release.bin");
  await writeEmbeddedRelease(embedded, "cnn");
  for (const name of NAMES) bundles.set(name, await bundleWorker(WORKERS[name], embedded));
  bundles.set(GRID, await bundleWorker("scripts/bench/workers/grid.ts"));
  const start = (name: string) => startIsolate(bundles.get(name)!, objects, bindings);

  const first = await takeTurns("first requests", NAMES, rounds + 4, async (name, round) => {
    const isolate = await start(name);
    const { startMs } = isolate;
    const ms = await cpuPerRequest(isolate, [seedPath(round)]);
    await isolate.dispose();
    return { startMs, ms };
  });

  const memory = await takeTurns("memory", NAMES, Math.max(rounds - 2, 1), async (name) => {
    const isolate = await start(name);
    await isolate.fetch(seedPath(0));
    if (name === "ours" || name === "bucket") await isolate.fetch("/sample?seed=0&model=mlp");
    const loadedMiB = isolate.residentMiB();
    for (const path of seedPaths(0, 1000)) await isolate.fetch(path);
    const usedMiB = isolate.residentMiB();
    await isolate.dispose();
    return { loadedMiB, usedMiB };
  });

  const isolates = new Map<string, Isolate>();
  for (const name of [...NAMES, GRID]) {
    isolates.set(name, await start(name));
    for (const path of seedPaths(99, WARM_UP_REQUESTS)) await isolates.get(name)!.fetch(path);
  }
  const warm = await takeTurns("warm requests", NAMES, rounds, async (name, round) => {
    const isolate = isolates.get(name)!;
    const single = await cpuPerRequest(isolate, seedPaths(round, REQUESTS_PER_ROUND));
    const before = isolate.cpuMs();
    const clients = Array.from({ length: CONCURRENCY }, async (_, i) => {
      for (const path of seedPaths(100 + round * CONCURRENCY + i, 10)) await isolate.fetch(path);
    });
    await Promise.all(clients);
    return { single, concurrent: (isolate.cpuMs() - before) / (CONCURRENCY * 10) };
  });
  const drawings = await takeTurns(
    "drawings",
    Object.entries(DRAWINGS),
    rounds + 1,
    async (drawing, round) => {
      const [name, path] = drawing;
      const paths = Array.from({ length: 40 }, (_, i) => path(1000 * round + i));
      return { cpuMs: await cpuPerRequest(isolates.get(name === GRID ? GRID : "ours")!, paths) };
    },
  );
  const images = new Map<Name, Uint8Array>();
  for (const name of ["tfjs cpu", "tfjs wasm", "ours"] as const) {
    images.set(name, await isolates.get(name)!.fetch(seedPath(42)));
  }
  for (const isolate of isolates.values()) await isolate.dispose();
  checkSameImage(images);

  const bare = memory.get("bare")!;
  return {
    rows: NAMES.map((name) => ({
      worker: name,
      warm: warm.get(name)!.single,
      concurrent: warm.get(name)!.concurrent,
      first: first.get(name)!.ms,
      start: first.get(name)!.startMs,
      bytes: images.get(name)?.byteLength,
      gzipKiB: gzipKiB(bundles.get(name)!),
      /** Resident memory above the bare Worker's with two models (stock tfjs: one), at first and 1,000 requests later. */
      memory: {
        loadedMiB: memory.get(name)!.loadedMiB.median - bare.loadedMiB.median,
        usedMiB: memory.get(name)!.usedMiB.median - bare.usedMiB.median,
      },
    })),
    drawings: [...drawings].map(([[drawing], { cpuMs }]) => ({ drawing, cpuMs })),
  };
}

/** The bundled cnn release, the default, and mlp beside it; and what the peers need to know about them. */
async function loadBucket() {
  const [cnn, mlp] = [await readBundled("cnn"), await readBundled("mlp")];
  const loaded = [CARD_FILE, ...Object.values(NETWORK_FILES.decoder), SAMPLER_FILE];
  const keysOf = ({ card, cardSha256 }: typeof cnn) =>
    loaded.map((file) => releaseKey(card.name, versionOf(cardSha256), file));
  const bindings = {
    RELEASE: `models/cnn/${versionOf(cnn.cardSha256)}`,
    LATENT_DIM: planDecoder(cnn.card.spec)[0]!.input[2],
    // The Worker carries the release of cnn.
    KEYS: [CATALOG_KEY],
    OTHER_KEYS: keysOf(mlp),
  };
  return { objects: toObjects([cnn, mlp], "cnn"), bindings };
}

/** From N(0, I), the only sampler of the stock Workers. */
function seedPath(i: number): string {
  return `/sample?seed=${i}&sampler=prior`;
}

function seedPaths(round: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => seedPath(1000 * round + i));
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

function gzipKiB({ script, modules }: Bundle): number {
  const parts = [Buffer.from(script), ...modules.values()];
  return parts.reduce((sum, part) => sum + gzipSync(part).byteLength, 0) / 1024;
}

function formatReport({ rows, drawings }: Awaited<ReturnType<typeof measureEdge>>): string {
  const row = (worker: string) => rows.find((candidate) => candidate.worker === worker)!;
  const [bare, bucket, ours] = [row("bare"), row("bucket"), row("ours")];
  const timesOurs = (key: "warm" | "concurrent", { median }: Spread) =>
    ((median - bare[key].median) / (ours[key].median - bare[key].median)).toFixed(1);
  const titles = [
    "Worker",
    "warm, ms CPU",
    "net, times ours",
    "under load, ms CPU",
    "net, times ours",
    "start above bare, ms CPU",
    "first request, ms CPU",
    "PNG, bytes",
    "upload, KiB gzip",
    "MiB above bare: loaded / after 1,000 requests",
  ];
  const lines = rows.map(({ worker, warm, concurrent, start, first, bytes, gzipKiB, memory }) => [
    worker,
    formatSpread(warm),
    worker === "bare" ? "" : timesOurs("warm", warm),
    formatSpread(concurrent, 3),
    worker === "bare" ? "" : timesOurs("concurrent", concurrent),
    (start.median - bare.start.median).toFixed(1),
    formatSpread(first),
    bytes ?? "",
    gzipKiB.toFixed(1),
    `${memory.loadedMiB.toFixed(1)} / ${memory.usedMiB.toFixed(1)}`,
  ]);
  const simulatorMs = bucket.first.median - bare.first.median;
  return [
    formatTable(titles, lines),
    "",
    `ours, first request without the local bucket simulator's ${simulatorMs.toFixed(2)} ms: ` +
      `${(ours.first.median - simulatorMs).toFixed(2)} ms CPU`,
    ...drawings.map(({ drawing, cpuMs }) => `ours, ${drawing}: ${formatSpread(cpuMs)} ms CPU`),
  ].join("\n");
}
