// How npm start begins and ends, as a process. chain.test.ts has an end by Ctrl-C.

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { waitUntilServing } from "../../scripts/wait.ts";
import { temporaryFolder } from "../folder.ts";
import { descendantsOf, isRunning, runScript, startScript } from "../process.ts";
import { freePort } from "./server.ts";

async function start() {
  const port = await freePort();
  const state = join(await temporaryFolder(), "state");
  const running = startScript(["scripts/start.ts", "--port", String(port), "--persist-to", state]);
  await running.says("Ctrl-C stops it");
  return { ...running, port, processes: descendantsOf(running.child.pid!) };
}

const areGone = (processes: readonly number[]) =>
  vi.waitFor(() => expect(processes.filter(isRunning)).toEqual([]), { timeout: 20_000 });

describe("npm start", () => {
  it.each(["127.0.0.1", "::1"])("notices another program on its port at %s", async (host) => {
    const other = createServer((_, response) => response.end("another service")).listen(0, host);
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { code, stdout, stderr } = await runScript(["scripts/start.ts", "--port", String(port)]);
    expect(stderr).toMatch(
      /^error: port \d+ cannot be used: listen EADDRINUSE: address already in use [^\n]+\n$/,
    );
    expect(stderr).toContain(`${host}:${port}; choose another with "npm start -- --port NUMBER"`);
    expect([code, stdout]).toEqual([2, ""]);
  });

  it("reports other reasons why its port cannot be used", { tags: ["slow"] }, async () => {
    const preload = join(await temporaryFolder(), "preload.mjs");
    await writeFile(
      preload,
      `import { Server } from "node:net";
       Server.prototype.listen = function (port, host) {
         const error = new Error(\`listen EACCES: permission denied \${host}:\${port}\`);
         process.nextTick(() => this.emit("error", Object.assign(error, { code: "EACCES" })));
         return this;
       };`,
    );
    const { code, stderr } = await runScript(["scripts/start.ts", "--port", "80"], { preload: [preload] });
    expect(stderr).toMatch(
      /^error: port 80 cannot be used: listen EACCES: permission denied 127\.0\.0\.1:80; choose/,
    );
    expect(code).toBe(2);
  });

  it("fails when its server is killed, and leaves none behind", { tags: ["slow"] }, async () => {
    const { ended, processes, port } = await start();
    // Of several processes the first is wrangler's own.
    const wrangler = processes.find((pid) => descendantsOf(pid).length > 1)!;
    process.kill(wrangler, "SIGKILL");
    const { code, stderr } = await ended;
    expect(stderr).toContain('error: the server stopped: "wrangler dev" was killed by SIGKILL\n');
    expect(code).toBe(1);
    await areGone(processes);
    await expect(fetch(`http://127.0.0.1:${port}/models`)).rejects.toThrow();
  });

  it("leaves no server behind when it is killed itself", { tags: ["slow"] }, async () => {
    const { child, ended, processes } = await start();
    child.kill("SIGKILL");
    await ended;
    await areGone(processes);
  });
});

describe("waiting for the server", () => {
  function fakeClock(answersAtMs: number) {
    const lines: string[] = [];
    let ms = 0;
    const abort = new AbortController();
    const waiting = {
      signal: abort.signal,
      now: () => ms,
      sleep: async (pause: number) => {
        ms += pause;
      },
      log: (line: string) => lines.push(line),
    };
    const ask = async () => {
      if (ms < answersAtMs) throw new Error("refused");
    };
    return { lines, abort, isServing: () => waitUntilServing(ask, waiting) };
  }

  it("continues for as long as it takes, and says so every minute", async () => {
    const { lines, isServing } = fakeClock(150_000);
    expect(await isServing()).toBe(true);
    expect(lines).toEqual([
      "no answer from the server after 1 min; still waiting, Ctrl-C stops it",
      "no answer from the server after 2 min; still waiting, Ctrl-C stops it",
    ]);
  });

  it("says nothing about a faster start", async () => {
    const { lines, isServing } = fakeClock(50_000);
    expect(await isServing()).toBe(true);
    expect(lines).toEqual([]);
  });

  it("ends with the server", async () => {
    const { abort, isServing } = fakeClock(Number.POSITIVE_INFINITY);
    abort.abort();
    expect(await isServing()).toBe(false);
  });
});
