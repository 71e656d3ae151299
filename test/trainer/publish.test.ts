// Publishing, over both buckets: the local one by its binding, and the S3 API of the same local R2.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unstable_startWorker } from "wrangler";
import { DigestError } from "../../shared/errors.ts";
import { CATALOG_KEY, parseCatalog, releaseKey } from "../../shared/release.ts";
import { type Bucket, openLocalBucket, openS3Bucket, s3AccessFromEnvironment } from "../../trainer/bucket.ts";
import { PublishError, UsageError } from "../../trainer/errors.ts";
import { publishMissing, publishRelease, updateCatalog } from "../../trainer/publish.ts";
import { type Fixture, makeRelease } from "../fixture.ts";

const KEYS = { accessKeyId: "test-key", secretAccessKey: "test-secret" };
const now = new Date("2026-01-01T00:00:00Z");
const always = { promote: "always", now } as const;

let root: string;
let first: Fixture;
let second: Fixture;
let worker: Awaited<ReturnType<typeof unstable_startWorker>>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "edge-digits-"));
  [first, second] = [await makeRelease("digits", "1"), await makeRelease("digits", "2")];
  for (const fixture of [first, second]) {
    await mkdir(folderOf(fixture), { recursive: true });
    for (const [file, body] of fixture.files) await writeFile(join(folderOf(fixture), file), body);
  }
  const config = [
    'name = "s3"',
    'main = "worker.js"',
    'compatibility_date = "2026-10-01"',
    ...Array.from({ length: 20 }, (_, i) => [
      "[[r2_buckets]]",
      `binding = "B${i}"`,
      `bucket_name = "bucket-${i}"`,
      "[r2_buckets.local_dev.experimental_s3_credentials]",
      ...Object.entries(KEYS).map(([key, value]) => `${key} = "${value}"`),
    ]).flat(),
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
});
afterAll(async () => {
  await worker?.dispose();
  await rm(root, { recursive: true, force: true });
});

const folderOf = ({ name, version }: Fixture) => join(root, "models", name, version);

let opened = 0;
const buckets: Record<string, () => Promise<Bucket>> = {
  "the local bucket": () => openLocalBucket("wrangler.toml", join(root, `state-${opened++}`)),
  "the S3 API": async () =>
    openS3Bucket({
      endpoint: new URL("/cdn-cgi/local/r2/s3", await worker.url).href,
      bucket: `bucket-${opened++}`,
      ...KEYS,
    }),
};

describe.each(Object.entries(buckets))("publishing over %s", (_, open) => {
  let bucket: Bucket;
  beforeEach(async () => {
    bucket = await open();
    return () => bucket.close();
  });
  const catalogOf = async () => parseCatalog((await bucket.get(CATALOG_KEY))!.body);

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
    const { default: name, models } = await catalogOf();
    expect(name).toBe("digits");
    expect(models.digits!.stable).toBe(second.version);
    expect(models.digits!.history.map(({ version }) => version)).toEqual([first.version, second.version]);
  });

  it("changes nothing that is served when it dies at any put, and succeeds when run again", async () => {
    await publishRelease(bucket, folderOf(first), always);
    const before = await catalogOf();
    for (let survivors = 0; survivors < second.files.size + 1; survivors++) {
      let puts = 0;
      const dying =
        <T extends unknown[]>(put: (...args: T) => Promise<boolean>) =>
        (...args: T) => {
          if (puts++ >= survivors) throw new Error("killed");
          return put(...args);
        };
      const mortal: Bucket = { ...bucket, create: dying(bucket.create), swap: dying(bucket.swap) };
      await expect(publishRelease(mortal, folderOf(second), always)).rejects.toThrow("killed");
      expect(await catalogOf()).toEqual(before);
    }
    await publishRelease(bucket, folderOf(second), always);
    expect((await catalogOf()).models.digits!.stable).toBe(second.version);
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
    const { models } = await catalogOf();
    expect(models.digits!.stable).toBe(second.version);
    expect(models.other!.stable).toBe(other.version);
  });

  it("gives up with an error when the catalog never stands still", async () => {
    const restless: Bucket = { ...bucket, swap: async () => false };
    await expect(updateCatalog(restless, () => ({ schema: 1, default: "a", models: {} }))).rejects.toThrow(
      PublishError,
    );
  });

  it("refuses a folder with a damaged file, and a key with other content, and leaves both as they are", async () => {
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

  it("of bundled models adds what is lacking, and leaves the owner's stable version alone", async () => {
    await publishRelease(bucket, folderOf(second), always);
    await publishMissing(bucket, join(root, "models"), { now });
    const { stable, history } = (await catalogOf()).models.digits!;
    expect(stable).toBe(second.version);
    expect(history.map(({ version }) => version).toSorted()).toEqual(
      [first.version, second.version].toSorted(),
    );
    const catalog = await catalogOf();
    await publishMissing(bucket, join(root, "models"), { now: new Date() });
    expect(await catalogOf()).toEqual(catalog);
  });
});

describe("--remote", () => {
  it("names every environment variable that is missing", () => {
    expect(() => s3AccessFromEnvironment({})).toThrow(UsageError);
    expect(() => s3AccessFromEnvironment({ R2_ACCESS_KEY_ID: "x" })).toThrow(
      /CLOUDFLARE_ACCOUNT_ID.*R2_SECRET_ACCESS_KEY/,
    );
  });

  it("goes to the account's endpoint and the bucket that wrangler.toml binds", () => {
    const env = { CLOUDFLARE_ACCOUNT_ID: "abc", R2_ACCESS_KEY_ID: "x", R2_SECRET_ACCESS_KEY: "y" };
    expect(s3AccessFromEnvironment(env)).toMatchObject({
      endpoint: "https://abc.r2.cloudflarestorage.com",
      bucket: "edge-digits",
    });
  });

  it("with a wrong key is refused by the bucket, and says so", async () => {
    const endpoint = new URL("/cdn-cgi/local/r2/s3", await worker.url).href;
    const bucket = openS3Bucket({
      endpoint,
      bucket: "bucket-0",
      accessKeyId: "test-key",
      secretAccessKey: "wrong",
    });
    await expect(bucket.get(CATALOG_KEY)).rejects.toThrow(/answered 40[13]/);
  });
});
