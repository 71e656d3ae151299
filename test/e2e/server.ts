// The service as a person runs it, for tests that speak HTTP to it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Server {
  readonly origin: string;
  /** All that it printed so far. */
  readonly output: () => string;
  readonly pid: number;
  /** By default as Ctrl-C does. Resolves with the exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** `npm start` over a state folder of its own, with the bundled models. */
export async function startService(persistTo: string): Promise<Server> {
  const port = await freePort();
  const args = ["scripts/start.ts", "--port", String(port), "--persist-to", persistTo];
  const server = launch(["--disable-warning=ExperimentalWarning", ...args], port);
  await waitUntil(server, async () => server.output().includes("Ctrl-C stops it"));
  return server;
}

/** `npm run serve`, with further arguments. */
export const startServe = (...args: string[]) => startServeIn(".", ...args);

/** The same from a copy of what it needs. */
export async function startServeIn(folder: string, ...args: string[]): Promise<Server> {
  const port = await freePort();
  const server = launch([join(folder, "build/serve/serve.js"), "--port", String(port), ...args], port);
  await waitUntil(server, async () => server.output().includes('"message":"serving"'));
  return server;
}

/** `wrangler dev` with another configuration, over an empty bucket. */
export async function startWrangler(configPath: string, persistTo: string): Promise<Server> {
  const port = await freePort();
  const server = launch(
    [
      ...["node_modules/wrangler/bin/wrangler.js", "dev", "--config", configPath, "--ip", "127.0.0.1"],
      ...["--port", String(port), "--persist-to", persistTo, "--show-interactive-dev-session", "false"],
    ],
    port,
  );
  await waitUntil(server, () =>
    fetch(`${server.origin}/models`).then(
      () => true,
      () => false,
    ),
  );
  return server;
}

function launch(args: readonly string[], port: number): Server {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    output: () => output,
    pid: child.pid!,
    stop: async (signal = "SIGINT") => {
      if (child.exitCode === null) {
        child.kill(signal);
        await once(child, "close");
      }
      return child.exitCode;
    },
  };
}

async function waitUntil(server: Server, isServing: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 180_000;
  while (!(await isServing())) {
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(`not serving: ${server.output()}`);
    }
    await sleep(100);
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}
