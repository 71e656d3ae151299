// The figures of the edge bench as a table for people.

export interface Spread {
  readonly median: number;
  readonly quartiles: readonly [number, number];
}

export interface Memory {
  /** Resident after one request for each of two models (stock tfjs: for its one model). */
  readonly loadedMiB: number;
  /** Resident after a thousand requests more. */
  readonly usedMiB: number;
}

export interface Report {
  readonly rows: readonly {
    readonly worker: string;
    /** CPU milliseconds per request, one at a time. */
    readonly warm: Spread;
    /** CPU milliseconds per request under concurrent load. */
    readonly concurrent: Spread;
    /** CPU milliseconds of an isolate's first request. */
    readonly first: Spread;
    readonly bytes: number | undefined;
    readonly gzipKiB: number;
    /** Above the bare Worker's. */
    readonly memory: Memory;
  }[];
  readonly drawings: readonly { readonly drawing: string; readonly cpuMs: Spread }[];
}

export function formatReport({ rows, drawings }: Report): string {
  const row = (worker: string) => rows.find((candidate) => candidate.worker === worker)!;
  const [bare, bucket, ours] = [row("bare"), row("bucket"), row("ours")];
  const timesOurs = (key: "warm" | "concurrent", spread: Spread) =>
    ((spread.median - bare[key].median) / (ours[key].median - bare[key].median)).toFixed(1);
  const titles = [
    "Worker",
    "warm, ms CPU",
    "net, times ours",
    "under load, ms CPU",
    "net, times ours",
    "first request, ms CPU",
    "PNG, bytes",
    "upload, KiB gzip",
    "MiB above bare: loaded / after 1,000 requests",
  ];
  const lines = rows.map(({ worker, warm, concurrent, first, bytes, gzipKiB, memory }) => [
    worker,
    formatSpread(warm),
    worker === "bare" ? "" : timesOurs("warm", warm),
    formatSpread(concurrent, 3),
    worker === "bare" ? "" : timesOurs("concurrent", concurrent),
    formatSpread(first),
    bytes ?? "",
    gzipKiB.toFixed(1),
    `${memory.loadedMiB.toFixed(1)} / ${memory.usedMiB.toFixed(1)}`,
  ]);
  const simulator = bucket.first.median - bare.first.median;
  return [
    ...[titles, titles.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`),
    "",
    `ours, first request without the local bucket simulator's ${simulator.toFixed(2)} ms: ` +
      `${(ours.first.median - simulator).toFixed(2)} ms CPU`,
    ...drawings.map(({ drawing, cpuMs }) => `ours, ${drawing}: ${formatSpread(cpuMs)} ms CPU`),
  ].join("\n");
}

/** Median (lower to upper quartile). */
function formatSpread({ median, quartiles }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${quartiles.map((value) => value.toFixed(digits)).join("-")})`;
}
