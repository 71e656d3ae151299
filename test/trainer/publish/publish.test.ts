// Publishing, over both buckets: the local one by its binding, and the S3 API of the same local R2.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unstable_startWorker } from "wrangler";
import { DigestError, WithdrawnError } from "../../../shared/errors.ts";
import { CATALOG_KEY, type Catalog, parseCatalog } from "../../../shared/release/catalog.ts";
import { releaseKey, stringifyJson } from "../../../shared/release/release.ts";
import {
  remoteBucketFromEnvironment,
  s3AccessFromEnvironment,
} from "../../../trainer/commands/bucket-options.ts";
import { PublishError, UsageError } from "../../../trainer/errors.ts";
import type { Bucket } from "../../../trainer/publish/bucket.ts";
import { promote, rollBack, withdraw } from "../../../trainer/publish/catalog-changes.ts";
import { changePublished, updateCatalog } from "../../../trainer/publish/catalog-swap.ts";
import { openLocalBucket } from "../../../trainer/publish/local-bucket.ts";
import { prune } from "../../../trainer/publish/prune.ts";
import { publishMissing, publishRelease } from "../../../trainer/publish/publish.ts";
import { openS3Bucket } from "../../../trainer/publish/s3-bucket.ts";
import { verifyCatalog } from "../../../trainer/publish/verify.ts";
import { type Fixture, makeRelease } from "../../fixture.ts";

const KEYS = { accessKeyId: "test-key", secretAccessKey: "test-secret" };
const now = new Date("2026-01-01T00:00:00Z");
const always = { promote: "always", now } as const;

let root: string;
let first: Fixture;
let second: Fixture;
let worker: Awaited<ReturnType<typeof unstable_startWorker>>;
let local: Bucket;
let s3: Bucket;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edge-digits-"));
  [first, second] = [await makeRelease("digits", "1"), await makeRelease("digits", "2")];
  for (const fixture of [first, second]) await writeRelease(fixture);
  const config = [
    'name = "s3"',
    'main = "worker.js"',
    'compatibility_date = "2026-10-01"',
    "[[r2_buckets]]",
    'binding = "BUCKET"',
    'bucket_name = "bucket"',
    "[r2_buckets.local_dev.experimental_s3_credentials]",
    ...Object.entries(KEYS).map(([key, value]) => `${key} = "${value}"`),
  ];
  await writeFile(join(root, "wrangler.toml"), config.join("\n"));
  await writeFile(join(root, "worker.js"), "export default { fetch: () => new Response() };");
  worker = await unstable_startWorker({
    config: join(root, "wrangler.toml"),
    dev: {
      server: { port: 0, hostname: "127.0.0.1" },
      logLevel: "error",
      persist: join(root, "s3-state"),
      inspector: false,
    },
  });
  await worker.ready;
  local = await openLocalBucket("wrangler.toml", join(root, "state"));
  s3 = openS3Bucket({
    endpoint: new URL("/cdn-cgi/local/r2/s3", await worker.url).href,
    bucket: "bucket",
    ...KEYS,
  });
});
afterAll(async () => {
  await local?.close();
  await worker?.dispose();
  await rm(root, { recursive: true, force: true });
});

async function writeRelease(fixture: Fixture): Promise<void> {
  await mkdir(folderOf(fixture), { recursive: true });
  for (const [file, body] of fixture.files) await writeFile(join(folderOf(fixture), file), body);
}
const folderOf = ({ name, version }: Fixture) => join(root, "models", name, version);

/** A bucket whose user is killed at the write after so many: before it is done, or after. */
function mortalBucket(bucket: Bucket, survivors: number, when: "before" | "after") {
  let writes = 0;
  let isKilled = false;
  const mortal =
    <Args extends unknown[], T>(write: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      if (isKilled) throw new Death("already dead");
      isKilled = writes++ === survivors;
      if (isKilled && when === "before") throw new Death("killed");
      const result = await write(...args);
      if (isKilled) throw new Death("killed");
      return result;
    };
  return {
    mortal: {
      ...bucket,
      create: mortal(bucket.create),
      swap: mortal(bucket.swap),
      delete: mortal(bucket.delete),
    },
    killed: () => isKilled,
  };
}
class Death extends Error {}
const ignoreDeath = (error: Error) => {
  if (!(error instanceof Death)) throw error;
};

/** Everything that can be requested is intact, and nothing that could be requested before is lost. */
async function checkBucket(bucket: Bucket, before: Catalog, step: string): Promise<void> {
  const after = await catalogOf(bucket);
  for await (const { message, ok } of verifyCatalog(bucket, after))
    expect(ok, `${step}: ${message}`).toBe(true);
  for (const [name, { history }] of Object.entries(before.models)) {
    const versions = after.models[name]!.history.map(({ version }) => version);
    expect(versions).toEqual(expect.arrayContaining(history.map(({ version }) => version)));
  }
}

/** As if the minutes had passed that a prune which died is waited for. */
async function expireLease(bucket: Bucket): Promise<void> {
  await updateCatalog(bucket, (catalog) =>
    catalog!.pruning ? { ...catalog!, pruning: { ...catalog!.pruning, since: now.toISOString() } } : catalog!,
  );
}

const catalogOf = async (bucket: Bucket) => parseCatalog((await bucket.get(CATALOG_KEY))!.body);

let emptied = 0;
/** An empty part of a bucket, as a bucket by itself. */
function emptyPartOf(bucket: Bucket): Bucket {
  const prefix = `${emptied++}/`;
  return {
    ...bucket,
    get: (key) => bucket.get(prefix + key),
    create: (key, body) => bucket.create(prefix + key, body),
    swap: (key, body, etag) => bucket.swap(prefix + key, body, etag),
    delete: (key) => bucket.delete(prefix + key),
    list: async (start) =>
      (await bucket.list(prefix + start)).map((object) => ({
        ...object,
        key: object.key.slice(prefix.length),
      })),
  };
}

describe.each([
  ["the local bucket", () => local],
  ["the S3 API", () => s3],
])("publishing over %s", (_, whole) => {
  let bucket: Bucket;
  beforeEach(() => {
    bucket = emptyPartOf(whole());
  });

  it("creates once, and never overwrites", async () => {
    expect(await bucket.get("a")).toBeUndefined();
    expect(await bucket.create("a", Uint8Array.of(1))).toBe(true);
    expect(await bucket.create("a", Uint8Array.of(2))).toBe(false);
    expect((await bucket.get("a"))!.body).toEqual(Uint8Array.of(1));
  });

  it("swaps only what has not changed meanwhile", async () => {
    expect(await bucket.swap("c", Uint8Array.of(1), undefined)).toBe(true);
    expect(await bucket.swap("c", Uint8Array.of(2), undefined)).toBe(false);
    const { etag } = (await bucket.get("c"))!;
    expect(await bucket.swap("c", Uint8Array.of(3), etag)).toBe(true);
    expect(await bucket.swap("c", Uint8Array.of(4), etag)).toBe(false);
    expect((await bucket.get("c"))!.body).toEqual(Uint8Array.of(3));
  });

  it("puts every file, then makes the release stable, then the next one, keeping the history", async () => {
    await publishRelease(bucket, folderOf(first), always);
    await publishRelease(bucket, folderOf(second), always);
    for (const fixture of [first, second]) {
      for (const [file, body] of fixture.files) {
        expect((await bucket.get(releaseKey("digits", fixture.version, file)))!.body).toEqual(body);
      }
    }
    const { default: name, models } = await catalogOf(bucket);
    expect(name).toBe("digits");
    expect(models.digits!.stable).toBe(second.version);
    expect(models.digits!.history.map(({ version }) => version)).toEqual([first.version, second.version]);
  });

  it("lists and deletes", async () => {
    for (const key of ["a/1", "a/2 & <3>", "b/1"]) await bucket.create(key, Uint8Array.of(1, 2));
    const listed = await bucket.list("a/");
    expect(listed.map(({ key, bytes }) => [key, bytes])).toEqual([
      ["a/1", 2],
      ["a/2 & <3>", 2],
    ]);
    expect(Math.abs(Date.now() - listed[0]!.uploadedAt.getTime())).toBeLessThan(60_000);
    await bucket.delete("a/1");
    await bucket.delete("a/1");
    expect((await bucket.list("a/")).map(({ key }) => key)).toEqual(["a/2 & <3>"]);
  });

  it("loses nothing when two publish at once", async () => {
    const other = await makeRelease("other", "3");
    const folder = join(root, "models-other", other.version);
    await mkdir(folder, { recursive: true });
    for (const [file, body] of other.files) await writeFile(join(folder, file), body);
    await publishRelease(bucket, folderOf(first), always);
    await Promise.all([
      publishRelease(bucket, folderOf(second), always),
      publishRelease(bucket, folder, always),
    ]);
    const { models } = await catalogOf(bucket);
    expect(models.digits!.stable).toBe(second.version);
    expect(models.other!.stable).toBe(other.version);
  });

  it("gives up with an error when the catalog keeps changing", async () => {
    const restless: Bucket = { ...bucket, swap: async () => false };
    await expect(
      updateCatalog(restless, () => ({ schema: 2, edition: 0, default: "a", models: {} })),
    ).rejects.toThrow(PublishError);
  });

  it("refuses a folder with a damaged file, and a key with other content, and changes neither", async () => {
    const damaged = join(root, "damaged");
    await mkdir(damaged, { recursive: true });
    for (const [file, body] of first.files) await writeFile(join(damaged, file), body);
    await writeFile(
      join(damaged, "weights.bin"),
      first.files.get("weights.bin")!.map((byte) => byte ^ 1),
    );
    await expect(publishRelease(bucket, damaged, always)).rejects.toThrow(DigestError);
    expect(await bucket.get(CATALOG_KEY)).toBeUndefined();

    const key = releaseKey("digits", first.version, "weights.bin");
    await bucket.create(key, Uint8Array.of(1, 2, 3));
    await expect(publishRelease(bucket, folderOf(first), always)).rejects.toThrow("other content");
    expect((await bucket.get(key))!.body).toEqual(Uint8Array.of(1, 2, 3));
    expect(await bucket.get(CATALOG_KEY)).toBeUndefined();
  });

  it("of bundled models adds what is missing, and keeps the owner's stable version", async () => {
    await publishRelease(bucket, folderOf(second), always);
    await publishMissing(bucket, join(root, "models"), { now });
    const { stable, history } = (await catalogOf(bucket)).models.digits!;
    expect(stable).toBe(second.version);
    expect(history.map(({ version }) => version).toSorted()).toEqual(
      [first.version, second.version].toSorted(),
    );
    const catalog = await catalogOf(bucket);
    await publishMissing(bucket, join(root, "models"), { now: new Date() });
    expect(await catalogOf(bucket)).toEqual(catalog);
  });

  it("of bundled models makes the one in default.txt the default of new catalogs only", async () => {
    const bundled = await mkdtemp(join(root, "bundled-"));
    const others = [await makeRelease("alpha", "a"), await makeRelease("omega", "b")];
    for (const { name, version, files } of others) {
      const folder = join(bundled, name, version);
      await mkdir(folder, { recursive: true });
      for (const [file, body] of files) await writeFile(join(folder, file), body);
    }
    await writeFile(join(bundled, "default.txt"), "omega\n");
    await publishMissing(bucket, bundled, { now });
    expect((await catalogOf(bucket)).default).toBe("omega");
    await changePublished(bucket, (catalog) => ({ ...catalog, default: "alpha" }), {});
    await publishMissing(bucket, bundled, { now });
    expect((await catalogOf(bucket)).default).toBe("alpha");
  });
});

describe("a publisher", () => {
  it("leaves the bucket consistent when it is killed before or after any step, and when it is run again", {
    tags: ["slow"],
  }, async () => {
    const bucket = emptyPartOf(s3);
    await publishRelease(bucket, folderOf(first), always);
    const at = now;
    const steps: [string, (bucket: Bucket) => Promise<void>][] = [
      ["release", (b) => publishRelease(b, folderOf(second), { promote: 10, now })],
      ["promote", (b) => changePublished(b, (c) => promote(c, { name: "digits" }, undefined, at), {})],
      ["rollback", (b) => changePublished(b, (c) => rollBack(c, "digits", undefined, at), {})],
      [
        "withdraw",
        (b) =>
          changePublished(
            b,
            (c) => withdraw(c, { name: "digits", version: second.version }, "blurred", at),
            {},
          ),
      ],
      ["prune", (b) => prune(b, { now: () => new Date(at.getTime() + 3_600_000), olderThanMinutes: 0 })],
    ];
    for (const [name, step] of steps) {
      const before = await catalogOf(bucket);
      let isDone = false;
      for (let survivors = 0; !isDone; survivors++) {
        for (const when of ["before", "after"] as const) {
          const { mortal, killed } = mortalBucket(bucket, survivors, when);
          if (name === "prune") await expireLease(bucket);
          await step(mortal).catch(ignoreDeath);
          isDone = !killed();
          await checkBucket(bucket, before, name);
        }
      }
      if (name === "prune") await expireLease(bucket);
      await step(bucket);
      await checkBucket(bucket, before, name);
    }
    const { stable, canary, history, changes } = (await catalogOf(bucket)).models.digits!;
    expect([stable, canary]).toEqual([first.version, null]);
    expect(history.map(({ withdrawn }) => withdrawn?.reason)).toEqual([undefined, "blurred"]);
    // Each step was done once, however often it was run.
    expect(changes.map(({ change }) => change)).toEqual(["promoted", "canary", "promoted", "rolled-back"]);
    expect(await bucket.list(`models/digits/${second.version}/`)).toEqual([]);
    await expect(publishRelease(bucket, folderOf(second), always)).rejects.toThrow(WithdrawnError);
  });
});

describe("prune", () => {
  let bucket: Bucket;
  beforeEach(async () => {
    bucket = emptyPartOf(s3);
    await publishRelease(bucket, folderOf(first), always);
    for (const file of ["model.json", "weights.bin"]) {
      await bucket.create(releaseKey("digits", second.version, file), second.files.get(file)!);
    }
  });
  const keys = async () => (await bucket.list("")).map(({ key }) => key);
  const inAnHour = () => new Date(Date.now() + 3_601_000);
  const remains = () => releaseKey("digits", second.version, "weights.bin");

  it("deletes what was never published, once it is old enough, and nothing else", async () => {
    await bucket.create("notes.txt", Uint8Array.of(1));
    const before = await keys();
    await prune(bucket, { now: () => new Date(), olderThanMinutes: 60 });
    expect(await keys()).toEqual(before);
    const lines: string[] = [];
    const options = { now: inAnHour, olderThanMinutes: 60, log: (line: string) => lines.push(line) };
    await prune(bucket, { ...options, dryRun: true });
    expect(lines[0]).toMatch(`would delete models/digits/${second.version}: 2 objects`);
    expect(await keys()).toEqual(before);
    await prune(bucket, options);
    expect(await keys()).toEqual(before.filter((key) => !key.includes(second.version)));
    expect((await catalogOf(bucket)).pruning).toBeUndefined();
    await publishRelease(bucket, folderOf(second), always);
    expect(await keys()).toContain(remains());
  });

  it("never deletes objects that a publisher relies on", async () => {
    // The publisher has found its objects in place, and is about to swap, when a prune does all its work.
    let isFirst = true;
    const interrupted: Bucket = {
      ...bucket,
      swap: async (...args) => {
        if (isFirst) {
          isFirst = false;
          await prune(bucket, { now: inAnHour, olderThanMinutes: 60 });
        }
        return bucket.swap(...args);
      },
    };
    await publishRelease(interrupted, folderOf(second), always);
    for await (const { ok } of verifyCatalog(bucket, await catalogOf(bucket))) {
      expect(ok).toBe(true);
    }
    // The prune has said what it deletes, and is about to delete, when a publisher comes.
    const third = await makeRelease("digits", "3");
    await writeRelease(third);
    await bucket.create(releaseKey("digits", third.version, "weights.bin"), third.files.get("weights.bin")!);
    const slow: Bucket = {
      ...bucket,
      delete: async (key) => {
        await expect(publishRelease(bucket, folderOf(third), always)).rejects.toThrow("a prune is deleting");
        await expect(prune(bucket, { now: inAnHour, olderThanMinutes: 0 })).rejects.toThrow("another prune");
        await bucket.delete(key);
      },
    };
    await prune(slow, { now: inAnHour, olderThanMinutes: 60 });
    await publishRelease(bucket, folderOf(third), always);
  });

  it("without a catalog, or with rubbish for one, deletes nothing", async () => {
    const { etag } = (await bucket.get(CATALOG_KEY))!;
    await bucket.swap(CATALOG_KEY, new TextEncoder().encode("rubbish"), etag);
    const before = await keys();
    await expect(prune(bucket, { now: inAnHour, olderThanMinutes: 0 })).rejects.toThrow("not JSON");
    expect(await keys()).toEqual(before);
    await bucket.delete(CATALOG_KEY);
    await expect(prune(bucket, { now: inAnHour, olderThanMinutes: 0 })).rejects.toThrow(PublishError);
    expect(await keys()).toEqual(before.filter((key) => key !== CATALOG_KEY));
  });
});

describe("verify", () => {
  it("names every damaged object, and continues with the rest", async () => {
    const bucket = emptyPartOf(s3);
    await publishRelease(bucket, folderOf(first), always);
    await publishRelease(bucket, folderOf(second), always);
    const catalog = await catalogOf(bucket);
    const verify = async () => {
      const findings: string[] = [];
      for await (const { message, ok } of verifyCatalog(bucket, catalog)) findings.push(ok ? "ok" : message);
      return findings;
    };
    expect(await verify()).toEqual(["ok", "ok"]);
    for (const file of [...first.files.keys()]) {
      const key = releaseKey("digits", first.version, file);
      const { body, etag } = (await bucket.get(key))!;
      await bucket.swap(
        key,
        body.map((byte, i) => byte ^ Number(i === 0)),
        etag,
      );
      expect(await verify()).toEqual([expect.stringContaining(`${file} has SHA-256`), "ok"]);
      await bucket.delete(key);
      expect(await verify()).toEqual([expect.stringContaining(`no object ${key}`), "ok"]);
      await bucket.create(key, body);
    }
    // A card that promises what its weights do not draw.
    const golden = [{ seed: "0", sha256: "0".repeat(64) }];
    const card = stringifyJson({ ...first.card, golden });
    const digest = Buffer.from(
      await crypto.subtle.digest("SHA-256", card as Uint8Array<ArrayBuffer>),
    ).toString("hex");
    const version = digest.slice(0, 12);
    await bucket.create(releaseKey("digits", version, "card.json"), card);
    for (const file of Object.keys(first.card.files)) {
      await bucket.create(releaseKey("digits", version, file), first.files.get(file)!);
    }
    catalog.models.digits!.history.push({ version, sha256: digest, publishedAt: now.toISOString() });
    expect((await verify()).at(-1)).toContain('golden seed "0" draws');
  });
});

describe("--remote", () => {
  it("names every environment variable that is missing", () => {
    expect(() => s3AccessFromEnvironment({})).toThrow(UsageError);
    expect(() => s3AccessFromEnvironment({ R2_ACCESS_KEY_ID: "x" })).toThrow(
      /CLOUDFLARE_ACCOUNT_ID.*R2_SECRET_ACCESS_KEY/,
    );
  });

  it("needs no keys at all, but both if there is one", () => {
    expect(remoteBucketFromEnvironment({ CLOUDFLARE_ACCOUNT_ID: "abc" })).toBeTypeOf("function");
    for (const name of ["R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"]) {
      expect(() => remoteBucketFromEnvironment({ [name]: "x" })).toThrow(UsageError);
    }
  });

  it("goes to the account's endpoint and the bucket that wrangler.toml binds", () => {
    const env = { CLOUDFLARE_ACCOUNT_ID: "abc", R2_ACCESS_KEY_ID: "x", R2_SECRET_ACCESS_KEY: "y" };
    expect(s3AccessFromEnvironment(env)).toMatchObject({
      endpoint: "https://abc.r2.cloudflarestorage.com",
      bucket: "edge-digits",
    });
  });

  it("with a wrong key reports the refusal of the bucket", async () => {
    const endpoint = new URL("/cdn-cgi/local/r2/s3", await worker.url).href;
    const bucket = openS3Bucket({
      endpoint,
      bucket: "bucket",
      accessKeyId: "test-key",
      secretAccessKey: "wrong",
    });
    await expect(bucket.get(CATALOG_KEY)).rejects.toThrow(/answered 40[13]/);
  });
});
