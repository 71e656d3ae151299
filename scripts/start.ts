// npm start: puts bundled releases that the local bucket lacks into it, runs the Worker in `wrangler dev`, and prints
// addresses that work.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { CATALOG_KEY, parseCatalog } from "../shared/catalog.ts";
import { defineCommand, runCommand } from "../trainer/command-line.ts";
import { UsageError } from "../trainer/errors.ts";
import { openLocalBucket } from "../trainer/local-bucket.ts";
import { publishMissing } from "../trainer/publish.ts";
import { wranglerPath } from "./wrangler.ts";

const HOST = "127.0.0.1";
const START_TIMEOUT_MS = 60_000;

const startCommand = defineCommand({
  name: "start",
  summary:
    "Serve digits on this machine: the Worker in wrangler dev, over a local bucket with the bundled models.",
  usage: "npm start --",
  examples: ["npm start", "npm start -- --port 9000"],
  fields: {
    port: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), 8787),
      v.description("port to listen on"),
    ),
    persistTo: v.pipe(
      v.optional(v.string(), ".wrangler/state"),
      v.description("state folder of the local bucket"),
    ),
  },
  positionals: [],
  run: async ({ values: { port, persistTo } }) => {
    await checkPortIsFree(port);
    await publishBundled(persistTo);
    const origin = `http://localhost:${port}`;
    const wrangler = spawn(
      process.execPath,
      [
        wranglerPath,
        ...["dev", "--ip", HOST, "--port", String(port), "--persist-to", persistTo],
        ...["--log-level", "warn", "--show-interactive-dev-session", "false"],
      ],
      {
        stdio: ["ignore", "inherit", "inherit"],
        env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
      },
    );
    const exited = once(wrangler, "exit");
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => wrangler.kill(signal));
    const isReady = await Promise.race([
      waitUntilServing(`http://${HOST}:${port}/models`),
      exited.then(() => false),
    ]);
    if (isReady) console.log(greeting(origin));
    const [code] = await exited;
    process.exitCode = code ?? 0;
  },
});

async function publishBundled(persistTo: string): Promise<void> {
  const bucket = await openLocalBucket("wrangler.toml", persistTo);
  try {
    await publishMissing(bucket, "models", { now: new Date(), log: (line) => console.log(line) });
    const stored = await bucket.get(CATALOG_KEY);
    if (!stored) console.log('no model is published yet; see "npm run train -- --help"');
    else parseCatalog(stored.body);
  } finally {
    await bucket.close();
  }
}

async function checkPortIsFree(port: number): Promise<void> {
  const probe = createServer().listen(port, HOST);
  try {
    await once(probe, "listening");
  } catch (cause) {
    throw new UsageError(`port ${port} is in use; choose another with "npm start -- --port NUMBER"`, {
      cause,
    });
  } finally {
    probe.close();
  }
}

/** Resolves to true when the Worker answers at all; an empty bucket is an answer too. */
async function waitUntilServing(url: string): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    if (response) return true;
    await sleep(100);
  }
  return false;
}

function greeting(origin: string): string {
  return [
    "",
    `Edge Digits is serving: open ${origin}/`,
    "Pictures to try:",
    `  ${origin}/sample?seed=42`,
    `  ${origin}/sample?seed=42&digit=7&size=280`,
    `  ${origin}/sample?seed=42&model=mlp`,
    `  ${origin}/interpolate?from=ada&to=grace&steps=16`,
    `  ${origin}/interpolate?from=ada&to=grace&fromDigit=3&toDigit=8&steps=32&format=apng`,
    `  ${origin}/number/20261231?seed=42&size=100`,
    `  ${origin}/grid?seed=42&digits=0123456789`,
    `  ${origin}/models`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

await runCommand(startCommand, process.argv.slice(2));
