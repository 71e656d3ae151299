// The app on plain Node as an operator runs it: the same bytes as the Worker, over a folder and over S3.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { CATALOG_KEY } from "../../shared/release/catalog.ts";
import { openFolderBucket } from "../../trainer/publish/folder-bucket.ts";
import { startFakeS3 } from "../trainer/publish/fake-s3.ts";
import { answerOf, fillBucket, readFrozenAddresses } from "../vectors/frozen-addresses.ts";
import { freePort, type Server, startServe } from "./server.ts";

let folder: string;
let server: Server;

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  await fillBucket(openFolderBucket(join(folder, "frozen")));
  server = await startServe("--store", join(folder, "frozen"), "--as-is");
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function bytesOf(address: string): Promise<string> {
  const reply = await fetch(address);
  expect([reply.status, reply.headers.get("Content-Type")]).toEqual([200, "image/png"]);
  return Buffer.from(await reply.arrayBuffer()).toString("base64");
}

const ROWS = await readFrozenAddresses();

describe("npm run serve", () => {
  it.each(ROWS)("$address $upload", async (row) => {
    const { contentType, sha256 } = row;
    expect(await answerOf(server.origin, row)).toEqual({ contentType, sha256 });
  });

  it("serves the page, the API's description and the pages of problems with the headers that the platform adds", async () => {
    for (const [path, type] of [
      ["/", "text/html; charset=utf-8"],
      ["/pt-br", "text/html; charset=utf-8"],
      ["/docs", "text/html; charset=utf-8"],
      ["/problems/over-budget", "text/html; charset=utf-8"],
      ["/openapi.json", "application/json"],
      ["/robots.txt", "text/plain; charset=utf-8"],
    ] as const) {
      const reply = await fetch(server.origin + path);
      expect([reply.status, reply.headers.get("Content-Type")], path).toEqual([200, type]);
      expect(reply.headers.get("X-Content-Type-Options")).toBe("nosniff");
      const policy = reply.headers.get("Content-Security-Policy")!;
      expect(policy.includes("script-src"), path).toBe(["/", "/pt-br", "/docs"].includes(path));
      const again = await fetch(server.origin + path, {
        headers: { "If-None-Match": reply.headers.get("ETag")! },
      });
      expect(again.status).toBe(304);
    }
    const icon = await fetch(`${server.origin}/favicon.ico`);
    expect([icon.status, icon.headers.get("Content-Type")]).toEqual([200, "image/png"]);
    for (const path of ["/_headers", "/nothing", "/index.html.html"]) {
      expect((await fetch(server.origin + path)).status, path).toBe(404);
    }
  });

  it("leads from other spellings to a page, and refuses other methods, as the platform does", async () => {
    for (const [path, page] of [
      ["/docs/?x=1", "/docs?x=1"],
      ["/docs.html", "/docs"],
      ["/index.html", "/"],
      ["/pt-br/", "/pt-br"],
    ] as const) {
      const reply = await fetch(server.origin + path, { redirect: "manual" });
      expect([reply.status, reply.headers.get("Location")], path).toEqual([307, page]);
    }
    for (const path of ["/docs.css/", "//docs/", "/sample/"]) {
      expect((await fetch(server.origin + path, { redirect: "manual" })).status, path).toBe(404);
    }
    const reply = await fetch(`${server.origin}/openapi.json`, { method: "PUT" });
    expect([reply.status, reply.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("shows a browser the page for an unknown address, whatever the method", async () => {
    for (const method of ["GET", "POST", "DELETE"]) {
      const reply = await fetch(`${server.origin}/nothing`, { method, headers: { Accept: "text/html" } });
      expect([reply.status, reply.headers.get("Content-Type")]).toEqual([404, "text/html; charset=utf-8"]);
      expect(await reply.text(), method).toContain("</html>");
    }
  });

  it("writes a line of JSON per request, and lets a running one finish when it is stopped", async () => {
    const own = await startServe("--store", join(folder, "frozen"));
    const slow = fetch(`${own.origin}/grid?rows=8&cols=8&model=vq&seed=1`);
    const quick = await fetch(`${own.origin}/sample?seed=secret`);
    await quick.arrayBuffer();
    const code = own.stop();
    expect((await slow).status).toBe(200);
    expect(await code).toBe(0);
    expect(own.output()).toMatch(/"message":"request".*"route":"\/sample"/);
    expect(own.output()).not.toContain("secret");
  });

  it("told to end, closes a kept connection after the reply that it waits for", async () => {
    const own = await startServe("--store", join(folder, "frozen"));
    const { port, hostname } = new URL(own.origin);
    const socket = connect(Number(port), hostname);
    const replies: string[] = [];
    socket.on("data", (data) => replies.push(data.toString("latin1")));
    const closed = once(socket, "close");
    const body = "no picture";
    socket.write(
      `POST /encode HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: image/png\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await setTimeout(300);
    const code = own.stop();
    await setTimeout(300);
    socket.write(body);
    await closed;
    expect(replies.join("")).toMatch(/^HTTP\/1\.1 422 .*\r\n(.+\r\n)*connection: close\r\n/i);
    expect(await code).toBe(0);
  });

  it("told to end, waits neither for a silent connection nor for one whose reply has begun and ended", async () => {
    const own = await startServe("--store", join(folder, "frozen"));
    const { port, hostname } = new URL(own.origin);
    const silent = connect(Number(port), hostname);
    await once(silent, "connect");
    const reading = connect(Number(port), hostname);
    reading.write(
      `GET /dataset/7/train-images-idx3-ubyte?count=1000&model=mlp HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`,
    );
    // The reply has begun, and waits until it is read.
    await once(reading, "readable");
    const ends = [once(silent, "close"), once(reading, "close")];
    const code = own.stop();
    reading.resume();
    await Promise.all(ends);
    expect(await code).toBe(0);
  });

  it("names its public address in previews, and reads addresses longer than Node does by default", async () => {
    const own = await startServe("--store", join(folder, "frozen"), "--origin", "https://digits.example");
    const page = await (await fetch(`${own.origin}/?seed=ada`)).text();
    expect(page).toContain('property="og:image" content="https://digits.example/sample?');
    const seeds = Array.from({ length: 16 }, (_, i) => encodeURIComponent("\u6570".repeat(126) + i)).join();
    expect((await fetch(`${own.origin}/interpolate?seeds=${seeds}&model=mlp`)).status).toBe(200);
    expect(await own.stop()).toBe(0);
  });

  it.runIf(process.platform === "linux")(
    "ends when npm is told to end, which does not pass that on",
    async () => {
      const port = await freePort();
      const npm = spawn(
        "npm",
        ["run", "serve", "--", "--port", String(port), "--store", join(folder, "frozen")],
        {
          stdio: "ignore",
          detached: true,
        },
      );
      // Not with kill(1): some versions read "-KILL -1234" as "-KILL -1", which is every process.
      onTestFinished(() => killGroup(npm.pid!));
      const answers = () =>
        fetch(`http://127.0.0.1:${port}/health`).then(
          () => true,
          () => false,
        );
      await vi.waitUntil(answers, { timeout: 60_000, interval: 100 });
      npm.kill("SIGTERM");
      await vi.waitUntil(async () => !(await answers()), { timeout: 60_000, interval: 100 });
    },
  );

  it("takes a client that disconnects while it sends for no failure of its own", async () => {
    const { port, hostname } = new URL(server.origin);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /encode HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: image/png\r\nContent-Length: 9999\r\n\r\nhalf`,
      () => setTimeout(300).then(() => socket.destroy()),
    );
    await vi.waitFor(() => expect(server.output()).toMatch(/"route":"\/encode","status":499/), 20_000);
    expect(server.output()).not.toContain('"message":"failure"');
  });

  it("fills an empty store with the bundled models, and refuses what the budget does not allow", async () => {
    const store = join(folder, "empty");
    const own = await startServe("--store", store, "--budget", "100");
    expect(await readdir(store)).toContain(CATALOG_KEY);
    expect((await fetch(`${own.origin}/sample?seed=1&model=mlp`)).status).toBe(200);
    expect((await fetch(`${own.origin}/grid?seed=1&rows=8&cols=8&model=cnn`)).status).toBe(400);
    expect(await own.stop()).toBe(0);
  });

  it("serves from an S3 bucket, which it fills, the same bytes", { tags: ["slow"] }, async () => {
    const { access, objects, requests } = await startFakeS3();
    vi.stubEnv("AWS_ACCESS_KEY_ID", access.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", access.secretAccessKey);
    onTestFinished(() => void vi.unstubAllEnvs());
    const own = await startServe("--store", `${access.endpoint}/${access.bucket}`);
    expect([...objects.keys()]).toContain(CATALOG_KEY);
    const moving = await fetch(`${own.origin}/sample?seed=s3&model=mlp`);
    const [name, version] = moving.headers.get("X-Model")!.split("@");
    const address = `/sample?seed=s3&model=${name}@${version}`;
    const fromFolder = await startServe("--store", join(folder, "beside-s3"));
    expect(await bytesOf(own.origin + address)).toBe(await bytesOf(fromFolder.origin + address));
    expect(requests).toContain(`GET models/${name}/${version}/card.json`);
    expect([await own.stop(), await fromFolder.stop()]).toEqual([0, 0]);
  });
});
