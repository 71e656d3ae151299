// npm run release as a process in a repository of its own: what it refuses before it measures, and what it bundles.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { CATALOG_KEY, parseCatalog } from "../../../shared/release/catalog.ts";
import { bundle } from "../../../trainer/publish/bundle.ts";
import { publishMissing } from "../../../trainer/publish/publish.ts";
import { openS3Bucket } from "../../../trainer/publish/s3-bucket.ts";
import { temporaryFolder } from "../../folder.ts";
import { runTrainer } from "../../process.ts";
import { startFakeS3 } from "../publish/fake-s3.ts";
import { startRemoteServer } from "../publish/remote-server.ts";
import { trainSmoke } from "../smoke-run.ts";

/** A repository with one commit, a trained run outside of what it tracks, and an older bundled release. */
async function makeRepository() {
  const cwd = await temporaryFolder();
  await copyFile("wrangler.toml", join(cwd, "wrangler.toml"));
  await writeFile(join(cwd, ".gitignore"), "runs\n");
  await mkdir(join(cwd, "models/smoke/000000000000"), { recursive: true });
  await writeFile(join(cwd, "models/smoke/000000000000/card.json"), "{}");
  const git = (...args: string[]) => execFileSync("git", args, { cwd, stdio: "ignore" });
  git("init");
  git("add", ".");
  git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-m", "first");
  await trainSmoke(join(cwd, "runs/smoke"), { limit: 600, epochs: 1 });
  const change = () => appendFile(join(cwd, "wrangler.toml"), "# changed\n");
  return { cwd, change, hasMeasured: () => existsSync(join(cwd, "runs/smoke/release")) };
}

describe("npm run release", { timeout: 120_000 }, () => {
  it("refuses uncommitted code to a bundle and a remote bucket, unless forced with a reason, which is recorded", {
    tags: ["slow"],
  }, async () => {
    const { cwd, change, hasMeasured } = await makeRepository();
    const { env, objects, access } = await startFakeS3();
    await change();
    for (const target of ["--bundle", "--remote"]) {
      const { code, stderr } = await runTrainer(["release", "runs/smoke", target], { cwd, env });
      expect(stderr).toMatch(/^error: files differ from commit [0-9a-f]{12}[^\n]+--force REASON[^\n]+\n$/);
      expect(code).toBe(1);
      expect(hasMeasured()).toBe(false);
    }

    const force = ["--force", "the fix is under review"];
    const remote = await runTrainer(["release", "runs/smoke", "--remote", ...force], { cwd, env });
    expect(remote.stderr).toBe("");
    const recorded = () => parseCatalog(objects.get(CATALOG_KEY)!.body).models.smoke!.history[0]!.forced;
    expect(recorded()).toBe("the fix is under review");

    const bundled = await runTrainer(["release", "runs/smoke", "--bundle", "--default", ...force], {
      cwd,
      env,
    });
    expect(bundled.stderr).toBe("");
    const [version] = (await readdir(join(cwd, "runs/smoke/release"))) as [string];
    expect((await readdir(join(cwd, "models/smoke"))).toSorted()).toEqual([version, "forced.txt"]);
    expect(await readFile(join(cwd, "models/default.txt"), "utf8")).toBe("smoke\n");
    objects.clear();
    await publishMissing(openS3Bucket(access), join(cwd, "models"), { now: new Date() });
    expect(recorded()).toBe("the fix is under review");
  });

  it("bundles committed code one model after the other", { tags: ["slow"] }, async () => {
    const { cwd } = await makeRepository();
    for (const name of ["one", "two"]) {
      const { code, stderr } = await runTrainer(["release", "runs/smoke", "--bundle", "--name", name], {
        cwd,
      });
      expect(stderr).toBe("");
      expect(code).toBe(0);
      const [version] = (await readdir(join(cwd, "models", name))) as [string];
      const card = JSON.parse(await readFile(join(cwd, "models", name, version, "card.json"), "utf8"));
      expect(card.source.revision).toMatch(/^[0-9a-f]{40}$/);
    }
  });

  it("publishes to the real bucket by a remote binding, without keys", { tags: ["slow"] }, async () => {
    const { cwd } = await makeRepository();
    const { env, preload, bucket } = await startRemoteServer();
    const release = await runTrainer(["release", "runs/smoke", "--remote"], { cwd, env, preload });
    expect(release).toMatchObject({ code: 0, stderr: "" });
    const catalog = parseCatalog(await (await bucket.get(CATALOG_KEY))!.bytes());
    const [version] = await readdir(join(cwd, "runs/smoke/release"));
    expect(catalog.models.smoke!.stable).toBe(version);
  });

  it("refuses a canary of a model without versions, and an unreachable bucket, before measuring", {
    tags: ["slow"],
  }, async () => {
    const { cwd, hasMeasured } = await makeRepository();
    const { env, setMode } = await startFakeS3();
    const release = () => runTrainer(["release", "runs/smoke", "--canary", "10", "--remote"], { cwd, env });
    const canary = await release();
    expect(canary.stderr).toBe("error: smoke has no version yet: the first one is stable; omit --canary\n");
    expect(canary.code).toBe(1);
    setMode("skew");
    expect((await release()).stderr).toMatch(/^error: the bucket [^\n]+RequestTimeTooSkewed[^\n]+\n$/);
    expect(hasMeasured()).toBe(false);
  });
});

describe("a printed command", { timeout: 120_000, tags: ["slow"] }, () => {
  it("can be pasted, whatever the run folder is called", async () => {
    const cwd = await temporaryFolder();
    const folder = `-it's "a" $run`;
    const options = ["--preset", "smoke", "--limit", "600", "--epochs", "1", `--out=${folder}`];
    const { stdout } = await runTrainer(["train", ...options], { cwd });
    const printed = stdout.match(/publish it with "(.*)"\n/)![1]!;
    // npm as a function of the shell, which gives the trainer what is behind the dashes.
    const npm = `npm() { shift; command=$1; shift 2; "$NODE" --no-warnings "$MAIN" "$command" "$@"; }`;
    const env = { ...process.env, NODE: process.execPath, MAIN: resolve("trainer/main.ts") };
    execFileSync("sh", ["-c", `${npm}; ${printed} --bundle --dry-run`], { cwd, env });
    expect(existsSync(join(cwd, folder, "release"))).toBe(true);
  });
});

describe("bundling", () => {
  it("keeps the model's other release until its own is complete", async () => {
    const root = await temporaryFolder();
    const models = join(root, "models");
    await mkdir(join(models, "cnn/000000000000"), { recursive: true });
    const folder = `models/cnn/${(await readdir("models/cnn"))[0]}`;
    // A file in its way stops it half-way.
    const version = folder.split("/").at(-1)!;
    await mkdir(join(models, "cnn", version, "weights.bin"), { recursive: true });
    const options = { dryRun: false, default: false, forced: undefined };
    await expect(bundle({ folder }, options, models, () => {})).rejects.toThrow("EISDIR");
    expect(existsSync(join(models, "cnn/000000000000"))).toBe(true);
    expect(existsSync(join(models, "cnn", version, "card.json"))).toBe(false);
    await rm(join(models, "cnn", version, "weights.bin"), { recursive: true });
    await bundle({ folder }, options, models, () => {});
    expect(await readdir(join(models, "cnn"))).toEqual([version]);
  });
});
