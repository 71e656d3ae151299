// npm run deploy as a process, with a fake wrangler and a fake R2 that write one record of what was done in which order.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CATALOG_KEY, parseCatalog } from "../../shared/release/catalog.ts";
import { temporaryFolder } from "../folder.ts";
import { runScript, runTrainer } from "../process.ts";
import { startFakeS3 } from "../trainer/publish/fake-s3.ts";
import { startRemoteServer } from "../trainer/publish/remote-server.ts";

/** A wrangler that reports each call to the bucket's server, and has no bucket yet. */
const FAKE_WRANGLER = `
  const args = process.argv.slice(2).join(" ");
  fetch(process.env.R2_ENDPOINT + "/record/" + encodeURIComponent("wrangler " + args)).then(() => {
    if (args.includes("info")) process.exit(1);
    if (process.env.R2_IS_DISABLED && args.includes("create")) {
      console.error("Please enable R2 through the Cloudflare Dashboard. [code: 10042]");
      process.exit(1);
    }
    if (process.env.NO_NETWORK && args.includes("create")) process.exit(1);
    if (process.env.DEPLOY_DIES && args === "deploy") process.kill(process.pid, "SIGKILL");
  });
`;

/** In place of the package's folder, for the script that looks for its command line there. */
const preloadOf = (folder: string) => `
  import { registerHooks } from "node:module";
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "wrangler" && context.parentURL?.endsWith("/scripts/wrangler.ts")
        ? { url: new URL("file://${folder}/dist/index.js").href, shortCircuit: true }
        : next(specifier, context),
  });
`;

async function prepare() {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/wrangler.js"), FAKE_WRANGLER);
  const preload = join(folder, "preload.mjs");
  await writeFile(preload, preloadOf(folder));
  const server = await startFakeS3();
  const deploy = (env: NodeJS.ProcessEnv = {}, others: readonly string[] = []) =>
    runScript(["scripts/deploy.ts"], { env: { ...server.env, ...env }, preload: [preload, ...others] });
  return { ...server, deploy };
}

describe("npm run deploy", () => {
  it("creates the bucket, deploys the Worker, and then publishes", async () => {
    const { deploy, requests, objects } = await prepare();
    const { code, stderr } = await deploy();
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(requests.slice(0, 4)).toEqual([
      "GET wrangler r2 bucket info edge-digits",
      "GET wrangler r2 bucket create edge-digits",
      "GET wrangler deploy",
      `GET ${CATALOG_KEY}`,
    ]);
    expect(requests.filter((request) => request.startsWith("PUT")).at(-1)).toBe(`PUT ${CATALOG_KEY}`);
    expect(parseCatalog(objects.get(CATALOG_KEY)!.body).default).toBe("digits");
  });

  it("publishes without keys, by a remote binding, to a bucket that other commands then work on", {
    tags: ["slow"],
  }, async () => {
    const [{ deploy, objects }, { env, preload, bucket }] = await Promise.all([
      prepare(),
      startRemoteServer(),
    ]);
    expect(await deploy(env, preload)).toMatchObject({ code: 0, stderr: "" });
    expect(objects.size).toBe(0);
    const catalog = async () => parseCatalog(await (await bucket.get(CATALOG_KEY))!.bytes());
    const published = await catalog();
    expect(published).toMatchObject({ default: "digits", models: { cnn: {}, mlp: {} } });

    const models = await runTrainer(["models", "--remote"], { env, preload });
    expect(models).toMatchObject({ code: 0, stderr: "" });
    expect(models.stdout).toContain(`${published.models.digits!.stable}  stable since`);
    await bucket.put("models/cnn/000000000000/card.json", "left by an interrupted publish");
    const prune = await runTrainer(["prune", "--remote", "--older-than", "0"], { env, preload });
    expect(prune).toMatchObject({ code: 0, stderr: "" });
    expect(await bucket.head("models/cnn/000000000000/card.json")).toBeNull();
    expect(await catalog()).toMatchObject({ models: published.models });
  });

  it("deploys the Worker without a bucket where R2 is not enabled, and says so", async () => {
    const { deploy, requests, objects } = await prepare();
    const { code, stdout } = await deploy({ R2_IS_DISABLED: "yes" });
    expect(code).toBe(0);
    expect(stdout).toContain("R2 is not enabled in this account");
    expect(requests.at(-1)).toBe("GET wrangler deploy --config build/wrangler-without-bucket.toml");
    expect(objects.size).toBe(0);
    const [config, full] = await Promise.all(
      ["build/wrangler-without-bucket.toml", "wrangler.toml"].map((path) => readFile(path, "utf8")),
    );
    expect(config).not.toMatch(/r2_buckets|MODELS/);
    expect(config).toContain('main = "../worker/index.ts"');
    expect(config!.split("\n").length).toBeGreaterThan(full!.split("\n").length - 6);
  });

  it("deploys nothing when the bucket cannot be created for another reason", { tags: ["slow"] }, async () => {
    const { deploy, requests } = await prepare();
    const { code, stderr } = await deploy({ NO_NETWORK: "yes" });
    expect(code).toBe(1);
    expect(stderr).toContain('"wrangler r2 bucket create edge-digits" failed');
    expect(requests).toHaveLength(2);
  });

  it("publishes nothing when the Worker was not deployed, and says how wrangler ended", async () => {
    const { deploy, objects } = await prepare();
    const { code, stderr } = await deploy({ DEPLOY_DIES: "yes" });
    expect(stderr).toBe('error: "wrangler deploy" was killed by SIGKILL\n');
    expect(code).toBe(1);
    expect(objects.size).toBe(0);
  });

  it("that was interrupted while it published ends with the right default model when it is run again", {
    tags: ["slow"],
  }, async () => {
    const { deploy, setMode, objects } = await prepare();
    setMode("stuck-after-15");
    const first = await deploy();
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/^error: the bucket [^\n]+ answered 403 to PUT models\/[^\n]+\n$/);
    expect(objects.size).toBe(15);
    setMode("plain");
    expect((await deploy()).code).toBe(0);
    expect(parseCatalog(objects.get(CATALOG_KEY)!.body).default).toBe("digits");
  });
});
