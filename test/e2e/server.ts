// A whole server as `npm start` runs it, over the bundled models and a bucket of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";

export interface Server {
  /** Such as "http://127.0.0.1:40001". */
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

export async function startServer(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const port = await freePort();
  const flags = ["--port", String(port), "--persist-to", join(folder, "state")];
  const server = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "scripts/start.ts", ...flags],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  await vi.waitFor(() => expect(output).toContain("Ctrl-C stops it"), { timeout: 60_000, interval: 100 });
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (server.exitCode === null) {
        server.kill("SIGINT");
        await once(server, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}
