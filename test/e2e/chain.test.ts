// The whole chain as a person runs it: train, release, start, fetch, look.

import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import UPNG from "upng-js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listReleaseFolders } from "../../trainer/publish/publish.ts";
import { descendantsOf, isRunning } from "../process.ts";
import { type Server, startService } from "./server.ts";

let folder: string;
let server: Server;

const node = (...args: string[]) =>
  spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], { encoding: "utf8" });
const statePath = () => join(folder, "state");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const run = join(folder, "run");
  const trained = node(
    ...["trainer/main.ts", "train", "--preset", "smoke", "--limit", "1000", "--epochs", "2", "--out", run],
  );
  expect(trained.status, trained.stderr).toBe(0);
  const released = node("trainer/main.ts", "release", run, "--persist-to", statePath());
  expect(released.status, released.stderr).toBe(0);
  expect(released.stdout).toMatch(/will make smoke@[0-9a-f]{12} stable\n/);
  expect(released.stdout).toContain("done: swapped catalog.json");
  server = await startService(statePath());
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("after train, release and start", () => {
  it("an independent reader finds a digit of 28 by 28 pixels, the same each time", async () => {
    const response = await fetch(`${server.origin}/sample?seed=42&model=smoke`);
    expect(response.status).toBe(200);
    const bytes = await response.arrayBuffer();
    const image = UPNG.decode(bytes);
    expect([image.width, image.height, image.ctype]).toEqual([28, 28, 0]);
    const grey = new Uint8Array(UPNG.toRGBA8(image)[0]!).filter((_, i) => i % 4 === 0);
    expect(Math.max(...grey)).toBeGreaterThan(20);
    expect(await (await fetch(`${server.origin}/sample?seed=42&model=smoke`)).arrayBuffer()).toEqual(bytes);
  });

  it("the pixels are those that the card promised for its golden seeds", async () => {
    const { models } = (await (await fetch(`${server.origin}/models`)).json()) as {
      models: { name: string; stable: string }[];
    };
    const { stable } = models.find(({ name }) => name === "smoke")!;
    const card = JSON.parse(await readFile(join(folder, "run/release", stable, "card.json"), "utf8"));
    for (const { seed, sha256 } of card.golden) {
      const response = await fetch(`${server.origin}/sample?seed=${seed}&model=smoke@${stable}`);
      const image = UPNG.decode(await response.arrayBuffer());
      const grey = new Uint8Array(UPNG.toRGBA8(image)[0]!).filter((_, i) => i % 4 === 0);
      const digest = await crypto.subtle.digest("SHA-256", grey);
      expect(Buffer.from(digest).toString("hex")).toBe(sha256);
    }
  });

  it("the live version is listed and verified, and there is nothing to prune or to roll back to", {
    tags: ["slow"],
  }, async () => {
    const run = (...args: string[]) => node("trainer/main.ts", ...args, "--persist-to", statePath());
    const models = run("models");
    expect(models.status, models.stderr).toBe(0);
    expect(models.stdout).toMatch(/smoke\b.*\n {2}[0-9a-f]{12} {2}stable since 2/);
    expect(models.stdout).toContain("2 epochs on MNIST");
    expect(models.stdout).toContain(join(folder, "run"));
    const verified = run("verify");
    expect(verified.status, verified.stderr).toBe(0);
    expect(verified.stdout).toMatch(/ok {3}smoke@[0-9a-f]{12} {2}7 objects, \d+ bytes, 16 golden seeds/);
    const bundled = await listReleaseFolders("models");
    expect(verified.stdout.match(/^ok /gm)).toHaveLength(bundled.length + 1);
    const pruned = run("prune", "--dry-run");
    expect(pruned.status, pruned.stderr).toBe(0);
    expect(pruned.stdout).toContain("nothing to delete");
    const rolledBack = run("rollback", "smoke");
    expect(rolledBack.status).toBe(1);
    expect(rolledBack.stderr).toContain("--to");
    const promoted = run("promote", "smoke", "--dry-run");
    expect(promoted.status, promoted.stderr).toBe(0);
    expect(promoted.stdout).toContain("nothing was changed");
  });

  it("a worse run is refused, unless it is forced with a reason", { tags: ["slow"] }, () => {
    const worse = join(folder, "worse");
    const train = ["train", "--preset", "smoke", "--limit", "300", "--epochs", "1", "--out", worse];
    expect(node("trainer/main.ts", ...train).status).toBe(0);
    const release = (...args: string[]) =>
      node("trainer/main.ts", "release", worse, "--persist-to", statePath(), ...args);
    const refused = release();
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /validation loss is [\d.]+ nats, the live version's [\d.]+; at most 1 more/,
    );
    const forced = release("--force", "to see it", "--canary", "5", "--dry-run");
    expect(forced.status, forced.stderr).toBe(0);
    expect(forced.stdout).toMatch(/would publish smoke@[0-9a-f]{12}, forced: to see it\n.*to 5 % of seeds/);
    expect(forced.stdout).toContain("nothing was changed");
  });

  it("the printed addresses work", async () => {
    const addresses = server.output().match(/http:\/\/localhost:\S+/g)!;
    expect(addresses.length).toBeGreaterThanOrEqual(4);
    for (const address of addresses) expect((await fetch(address)).status, address).toBe(200);
  });

  it("fifty clients at once get the same digit", async () => {
    const url = `${server.origin}/sample?seed=7&model=smoke`;
    const bodies = await Promise.all(
      Array.from({ length: 50 }, async () =>
        Buffer.from(await (await fetch(url)).arrayBuffer()).toString("hex"),
      ),
    );
    expect(new Set(bodies).size).toBe(1);
  });

  it("a second start on the same port is refused, and says what to do", { tags: ["slow"] }, () => {
    const second = node(
      "scripts/start.ts",
      "--port",
      new URL(server.origin).port,
      "--persist-to",
      statePath(),
    );
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(/port \d+ cannot be used: .*already in use.*--port/);
  });

  it("the server stops on Ctrl-C with exit code 0, without noise, and leaves no process", async () => {
    const processes = descendantsOf(server.pid);
    expect(processes.length).toBeGreaterThan(0);
    const noise = /warn|error|fail|cannot|deprecat|update available|⛅/i;
    expect(server.output()).not.toMatch(noise);
    expect(await server.stop()).toBe(0);
    // wrangler's esbuild, whose input ends first, may complain of a deadlock on a busy machine.
    expect(server.output().replace(/^fatal error: all goroutines .*$/m, "")).not.toMatch(noise);
    await vi.waitFor(() => expect(processes.filter(isRunning)).toEqual([]), { timeout: 20_000 });
  });
});
