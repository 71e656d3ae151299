// How commands end as processes: one line and the documented exit code, whatever fails outside of them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { CATALOG_KEY, parseCatalog } from "../../../shared/release/catalog.ts";
import { openLocalBucket } from "../../../trainer/publish/local-bucket.ts";
import { publishMissing } from "../../../trainer/publish/publish.ts";
import { openS3Bucket } from "../../../trainer/publish/s3-bucket.ts";
import { temporaryFolder } from "../../folder.ts";
import { descendantsOf, isRunning, runScript, runTrainer, startScript } from "../../process.ts";
import { type Mode, startFakeS3 } from "../publish/fake-s3.ts";
import { trainSmoke } from "../smoke-run.ts";

const ONE_LINE = /^error: [^\n]+\n$/;
const now = new Date("2026-01-01T00:00:00Z");

/** Runs a script by a shell, which redirects its standard output. */
async function shell(redirection: string, ...args: string[]) {
  const child = spawn(
    "bash",
    ["-c", `"$0" --disable-warning=ExperimentalWarning "$@" ${redirection}; exit "\${PIPESTATUS[0]}"`].concat(
      process.execPath,
      args,
    ),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "close");
  return { code, stderr };
}

/** A server that holds the bundled models. */
async function startWithModels() {
  const server = await startFakeS3();
  await publishMissing(openS3Bucket(server.access), "models", { now });
  return server;
}

describe("standard output", { tags: ["slow"] }, () => {
  it.each([["trainer/main.ts"], ["scripts/start.ts", "--help"]])(
    "of %s %s may be closed by its reader, and may not be a full disk",
    async (...args) => {
      expect(await shell("| true", ...args)).toEqual({ code: 0, stderr: "" });
      const { code, stderr } = await shell("> /dev/full", ...args);
      expect(stderr).toMatch(/^error: cannot write to standard output: ENOSPC[^\n]+\n$/);
      expect(code).toBe(1);
    },
  );

  it("without a reader does not keep a command from its work", async () => {
    const server = await startWithModels();
    vi.stubEnv("R2_ENDPOINT", server.env.R2_ENDPOINT);
    vi.stubEnv("R2_ACCESS_KEY_ID", "key");
    vi.stubEnv("R2_SECRET_ACCESS_KEY", "secret");
    const bucket = openS3Bucket(server.access);
    await bucket.create("models/digits/000000000000/card.json", new Uint8Array(1));
    const ended = await shell("| true", "trainer/main.ts", "prune", "--remote", "--older-than", "0");
    vi.unstubAllEnvs();
    expect(ended).toEqual({ code: 0, stderr: "" });
    expect(await bucket.list("models/digits/0")).toEqual([]);
  });
});

describe("--remote without a login and without keys", { tags: ["slow"] }, () => {
  it("says what the platform's tool asks for", async () => {
    const HOME = await temporaryFolder();
    const { code, stderr } = await runScript(["trainer/main.ts", "models", "--remote"], {
      env: { HOME, XDG_CONFIG_HOME: HOME, CLOUDFLARE_API_TOKEN: "" },
    });
    expect(stderr).toMatch(
      /error: the bucket "edge-digits", after "npx wrangler login": cannot open it: .*CLOUDFLARE_API_TOKEN/,
    );
    expect(code).toBe(1);
  });
});

describe("a path that cannot be used", { tags: ["slow"] }, () => {
  it.each([
    ["trainer/main.ts", "models", "--persist-to", "FILE"],
    ["scripts/start.ts", "--port", "28713", "--persist-to", "FILE/state"],
    ["trainer/main.ts", "train", "--preset", "smoke", "--limit", "600", "--epochs", "1", "--out", "FILE/run"],
  ])("ends %s %s in one line and exit code 1", async (...args) => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    const { code, stderr } = await runScript(args.map((arg) => arg.replace("FILE", file)));
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain(file);
    expect(code).toBe(1);
  });
});

describe("a remote bucket", () => {
  it.each<[Mode, string, RegExp]>([
    [
      "reset",
      "models",
      /^error: cannot reach the bucket "edge-digits" at http[^\n]+: GET catalog\.json: [^\n]+\n$/,
    ],
    [
      "skew",
      "prune",
      /^error: [^\n]+ answered 403 [^\n]+: RequestTimeTooSkewed: The clocks differ too much\.\n$/,
    ],
  ])(
    "that is %s ends a command in one line and exit code 1",
    { tags: ["slow"] },
    async (mode, command, message) => {
      const { env } = await startFakeS3(mode);
      const { code, stderr } = await runTrainer([command, "--remote"], { env });
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    },
  );

  it("with a malformed address is a usage error", async () => {
    const { env } = await startFakeS3();
    const { code, stderr } = await runTrainer(["models", "--remote"], {
      env: { ...env, R2_ENDPOINT: "r2.example" },
    });
    expect(stderr).toMatch(/^error: [^\n]*R2_ENDPOINT is malformed[^\n]+\n$/);
    expect(code).toBe(2);
  });

  it.each<Mode>(["lost-reset"])(
    "that is %s is released to, looked at, rolled back, verified and pruned all the same",
    { timeout: 120_000, tags: ["slow"] },
    async (mode) => {
      const server = await startWithModels();
      const run = await temporaryFolder();
      await trainSmoke(run, { limit: 600, epochs: 1 });
      const { env, objects } = server;
      const catalog = () => parseCatalog(objects.get(CATALOG_KEY)!.body);
      const forced = ["--force", "a test"];
      for (const args of [
        ["release", run, "--name", "mlp", "--remote", ...forced],
        ["models", "--remote"],
        ["rollback", "mlp", "--remote"],
        ["prune", "--remote"],
        ["verify", "--remote"],
      ]) {
        server.setMode(mode);
        const { code, stderr } = await runTrainer(args, { env });
        expect(stderr).toBe("");
        expect(code, args[0]).toBe(0);
      }
      const { changes, history, stable } = catalog().models.mlp!;
      expect(changes.map(({ change }) => change)).toEqual(["promoted", "promoted", "rolled-back"]);
      expect([history.length, stable]).toEqual([2, history[0]!.version]);
    },
  );
});

describe("a publisher that is killed", { tags: ["slow"] }, () => {
  it.each(["SIGKILL", "SIGTERM"] as const)("by %s leaves no process", async (signal) => {
    const state = join(await temporaryFolder(), "state");
    const bucket = await openLocalBucket("wrangler.toml", state);
    await publishMissing(bucket, "models", { now });
    await bucket.close();
    const { child, ended, says } = startScript(["trainer/main.ts", "verify", "--persist-to", state]);
    await says("will read everything");
    const started = descendantsOf(child.pid!);
    expect(started.length).toBeGreaterThan(0);
    child.kill(signal);
    await ended;
    await vi.waitFor(() => expect(started.filter(isRunning)).toEqual([]), { timeout: 20_000 });
  });
});

it.each([
  ["models", "s3://digits"],
  ["verify", "https://s3.example/digits"],
])("%s refuses %s for a folder", async (command, store) => {
  const { code, stderr } = await runTrainer([command, "--store", store]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`--store is a folder here, found ${store}`)]);
});

describe("verify", { tags: ["slow"] }, () => {
  it("reports every object, however reading it fails", async () => {
    const { objects, env } = await startWithModels();
    const keys = [...objects.keys()].filter((key) => key.startsWith("models/cnn/"));
    const [card] = keys.filter((key) => key.endsWith("card.json"));
    const damaged = keys.filter((key) => key !== card);
    for (const key of damaged.slice(1))
      objects.set(key, { ...objects.get(key)!, body: Buffer.from("<html>") });
    objects.delete(damaged[0]!);
    const { code, stdout, stderr } = await runTrainer(["verify", "--remote"], { env });
    for (const key of damaged) {
      expect(stdout).toMatch(new RegExp(`^BAD  cnn@.*${key.split("/").at(-1)}`, "m"));
    }
    expect(stdout.match(/^ok /gm)).toHaveLength(2);
    expect(stderr).toMatch(/^error: not what was promised: cnn@/);
    expect(code).toBe(1);
  });
});
