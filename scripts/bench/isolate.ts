// One Worker in its own workerd, and that process's CPU time and memory as counted by the kernel.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { EMBEDDED_FILE } from "../embed.ts";

export interface Bundle {
  readonly script: string;
  /** Imported files by name. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
}

export interface Isolate {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Uint8Array>;
  /** CPU time of the process until it serves. */
  readonly startMs: number;
  /** CPU time of all threads of the process so far, milliseconds, to the nanosecond. */
  readonly cpuMs: () => number;
  /** Resident memory, MiB. */
  readonly residentMiB: () => number;
  readonly dispose: () => Promise<void>;
}

/**
 * Bundles a Worker as wrangler does: ES module, minified, .wasm and .bin imports as modules.
 * @param release  the file that it carries as its embedded release
 */
export async function bundleWorker(entry: string, release = EMBEDDED_FILE): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    loader: { ".wasm": "copy", ".bin": "copy" },
    // With it tfjs and Emscripten would take workerd for Node, and look for files.
    define: { process: "undefined" },
    assetNames: "[name]",
    plugins: [
      {
        name: "release",
        setup: ({ onResolve }) => onResolve({ filter: /release\.bin$/ }, () => ({ path: resolve(release) })),
      },
    ],
    outdir: "out",
    write: false,
    logLevel: "error",
  });
  const modules = outputFiles.filter(({ path }) => !path.endsWith(".js"));
  return {
    script: outputFiles.find(({ path }) => path.endsWith(".js"))!.text,
    modules: new Map(modules.map(({ path, contents }) => [basename(path), contents])),
  };
}

/** Starts a workerd with one Worker over a local bucket that holds `objects`. */
export async function startIsolate(
  { script, modules }: Bundle,
  objects: ReadonlyMap<string, Uint8Array>,
  bindings: Record<string, string | number | readonly string[]>,
): Promise<Isolate> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [
        { type: "ESModule", path: "index.js", contents: script },
        ...[...modules].map(
          ([path, contents]) =>
            ({ type: path.endsWith(".wasm") ? "CompiledWasm" : "Data", path, contents }) as const,
        ),
      ],
      compatibilityDate: "2026-10-01",
      r2Buckets: { MODELS: "models" },
      bindings: bindings as Record<string, string>,
      // Requests go directly to the Worker, bypassing Miniflare's own in the same process.
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      host: "127.0.0.1",
      port: 0,
      // A line per request would bury the figures.
      handleStructuredLogs: ({ level, message }) => {
        if (level === "error") console.error(message);
      },
    }),
  );
  await miniflare.ready;
  const url = (await miniflare.unsafeGetDirectURL()).href.replace(/\/$/, "");
  const pid = newestChild();
  const startMs = cpuMsOf(pid);
  const bucket = await miniflare.getR2Bucket("MODELS");
  for (const [key, body] of objects) await bucket.put(key, body);
  return {
    fetch: async (path, init) => {
      const response = await fetch(url + path, init);
      const body = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) throw new Error(`${path}: ${response.status} ${new TextDecoder().decode(body)}`);
      return body;
    },
    startMs,
    cpuMs: () => cpuMsOf(pid),
    residentMiB: () => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)![1]) / 1024,
    dispose: () => miniflare.dispose(),
  };
}

/** CPU milliseconds per request of a sequence of requests. */
export async function cpuPerRequest(isolate: Isolate, paths: readonly string[]): Promise<number> {
  const before = isolate.cpuMs();
  for (const path of paths) await isolate.fetch(path);
  return (isolate.cpuMs() - before) / paths.length;
}

/** CPU time of all threads of a process so far, milliseconds. */
export function cpuMsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    return sum + Number(nanoseconds) / 1e6;
  }, 0);
}

/** Process id of the workerd that this process started last. */
function newestChild(): number {
  return Number(
    execFileSync("pgrep", ["-n", "-P", String(process.pid), "-x", "workerd"], { encoding: "utf8" }),
  );
}
