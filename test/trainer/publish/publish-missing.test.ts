// What publishing does to the catalog of a real S3 bucket when it is interrupted, full, or changed by another meanwhile.

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  CATALOG_KEY,
  type Catalog,
  MAX_CATALOG_BYTES,
  parseCatalog,
} from "../../../shared/release/catalog.ts";
import { stringifyJson } from "../../../shared/release/release.ts";
import { PublishError } from "../../../trainer/errors.ts";
import type { Bucket } from "../../../trainer/publish/bucket.ts";
import { rollBack, withdraw } from "../../../trainer/publish/catalog-changes.ts";
import { changePublished } from "../../../trainer/publish/catalog-swap.ts";
import { openFolderBucket } from "../../../trainer/publish/folder-bucket.ts";
import { listReleaseFolders, publishMissing, publishRelease } from "../../../trainer/publish/publish.ts";
import { openS3Bucket } from "../../../trainer/publish/s3-bucket.ts";
import { temporaryFolder } from "../../folder.ts";
import { CODES_RELEASES } from "../../vectors/frozen-addresses.ts";
import { startFakeS3 } from "./fake-s3.ts";

const now = new Date("2026-01-01T00:00:00Z");
const folders = await listReleaseFolders("models");
const [cnn] = folders;

async function open() {
  const { access, objects } = await startFakeS3();
  const catalog = () => parseCatalog(objects.get(CATALOG_KEY)!.body);
  return { bucket: openS3Bucket(access), objects, catalog };
}

/** As if its process were killed before the write after so many. */
function dieAfter(bucket: Bucket, writes: number): Bucket {
  let left = writes;
  const count = () => {
    if (left-- === 0) throw new Error("killed");
  };
  return {
    ...bucket,
    create: async (...args) => {
      count();
      return bucket.create(...args);
    },
    swap: async (...args) => {
      count();
      return bucket.swap(...args);
    },
  };
}

/** The longest catalog of one model's releases that Workers read. */
function longestCatalog(): Catalog {
  const size = (versions: number) => stringifyJson(catalogOf(versions)).byteLength;
  const bytesEach = (size(200) - size(100)) / 100;
  return catalogOf(Math.floor((MAX_CATALOG_BYTES - size(100)) / bytesEach) + 99);
}

function catalogOf(versions: number): Catalog {
  const history = Array.from({ length: versions }, (_, i) => {
    const sha256 = i.toString(16).padStart(12, "0").padEnd(64, "0");
    return { version: sha256.slice(0, 12), sha256, publishedAt: now.toISOString() };
  });
  const [from, version] = [history.at(-2)!.version, history.at(-1)!.version];
  const changes = [{ change: "promoted", at: now.toISOString(), version, from } as const];
  const cnn = { stable: version, canary: null, history, changes };
  return { schema: 2, edition: 0, default: "cnn", models: { cnn } };
}

describe("publishing the bundled models", () => {
  it("ends with their default model, wherever it was interrupted before", async () => {
    const preferred = (await readFile("models/default.txt", "utf8")).trim();
    // The catalog is written last.
    for (let writes = 0, isDone = false; !isDone; writes += 5) {
      const { bucket, catalog, objects } = await open();
      isDone = await publishMissing(dieAfter(bucket, writes), "models", { now }).then(
        () => true,
        () => false,
      );
      if (!isDone) expect(objects.has(CATALOG_KEY)).toBe(false);
      await publishMissing(bucket, "models", { now });
      expect(catalog().default).toBe(preferred);
      expect(Object.keys(catalog().models)).toHaveLength(folders.length);
    }
  });

  it("leaves a model that is not bundled as it is, with its objects, also if it is the default", async () => {
    const { bucket, catalog, objects } = await open();
    await publishMissing(bucket, CODES_RELEASES, { now });
    const [before, { vq }] = [new Map(objects), catalog().models];
    await publishMissing(bucket, "models", { now: new Date("2026-02-01T00:00:00Z") });
    expect(catalog().default).toBe("vq");
    expect(catalog().models.vq).toEqual(vq);
    expect(Object.keys(catalog().models)).toEqual(expect.arrayContaining(["cnn", "digits", "mlp", "vq"]));
    before.delete(CATALOG_KEY);
    for (const [key, object] of before) expect(objects.get(key), key).toEqual(object);
  });

  it("makes no new catalog where one was lost, which would make its releases unknown", async () => {
    const bucket = openFolderBucket(await temporaryFolder());
    await publishMissing(bucket, CODES_RELEASES, { now });
    await bucket.delete(CATALOG_KEY);
    const before = await bucket.list("");
    const lost = /has releases, such as models\/vq\/\w+, and no catalog.json.*"A lost catalog"/;
    await expect(publishMissing(bucket, "models", { now })).rejects.toThrow(lost);
    await expect(publishRelease(bucket, cnn!, { promote: "always", now })).rejects.toThrow(lost);
    expect((await bucket.list("")).map(({ key }) => key)).toEqual(before.map(({ key }) => key));
    await bucket.create(CATALOG_KEY, new TextEncoder().encode("{"));
    await expect(publishMissing(bucket, "models", { now })).rejects.toThrow(
      /^the folder .* is damaged: catalog.json is not JSON; see "A lost catalog"/,
    );
  });

  it("keeps a default model that was chosen meanwhile", async () => {
    const { bucket, catalog } = await open();
    let isFirst = true;
    const slow: Bucket = {
      ...bucket,
      create: async (...args) => {
        if (isFirst) {
          isFirst = false;
          await publishRelease(bucket, cnn!, { promote: "always", now });
        }
        return bucket.create(...args);
      },
    };
    await publishMissing(slow, "models", { now });
    expect(catalog().default).toBe("cnn");
    expect(Object.keys(catalog().models)).toHaveLength(folders.length);
  });
});

describe("a catalog", () => {
  it("that is too large for Workers is not written, nor are the objects of its release", async () => {
    const { bucket, objects } = await open();
    await bucket.create(CATALOG_KEY, stringifyJson(longestCatalog()));
    const publishing = publishRelease(bucket, cnn!, { promote: "always", now });
    await expect(publishing).rejects.toThrow(PublishError);
    await expect(publishing).rejects.toThrow(/would have \d+ bytes.*publish to another bucket/);
    expect([...objects.keys()]).toEqual([CATALOG_KEY]);
  });

  it("that is full of releases can still be rolled back, and a version of it withdrawn", async () => {
    const { bucket, objects, catalog } = await open();
    const full = longestCatalog().models.cnn!.history.length;
    // A little fuller than publishing makes it.
    await bucket.create(CATALOG_KEY, stringifyJson(catalogOf(Math.floor(0.95 * full))));
    await expect(publishRelease(bucket, cnn!, { promote: "always", now })).rejects.toThrow("allowed");
    const { stable, history } = catalog().models.cnn!;
    await changePublished(bucket, (c) => rollBack(c, "cnn", undefined, now), {});
    await changePublished(bucket, (c) => withdraw(c, { name: "cnn", version: stable }, "x", now), {});
    expect(catalog().models.cnn!.stable).toBe(history.at(-2)!.version);
    expect(objects.get(CATALOG_KEY)!.body.byteLength).toBeLessThanOrEqual(MAX_CATALOG_BYTES);
  });
});

describe("a release", () => {
  it("is compared with the catalog that it replaces, also when another publisher was faster", async () => {
    const { bucket, catalog } = await open();
    await publishMissing(bucket, "models", { now });
    const [, digits] = folders;
    const seen: (string | undefined)[] = [];
    const judge = async (present: Catalog | undefined) => {
      seen.push(present?.default);
      if (seen.length === 1) await changePublished(bucket, (c) => ({ ...c, default: "mlp" }), {});
      return `compared with ${present?.default}`;
    };
    const other = await startFakeS3();
    const elsewhere = openS3Bucket(other.access);
    await publishRelease(elsewhere, digits!, { promote: "always", now, judge: async () => "alone" });
    expect(parseCatalog(other.objects.get(CATALOG_KEY)!.body).models.digits!.history[0]!.forced).toBe(
      "alone",
    );
    await changePublished(
      bucket,
      (c) => ({ ...c, models: { cnn: c.models.cnn!, mlp: c.models.mlp! }, default: "cnn" }),
      {},
    );
    await publishRelease(bucket, digits!, { promote: "always", now, judge });
    expect(seen).toEqual(["cnn", "mlp"]);
    expect(catalog().models.digits!.history[0]!.forced).toBe("compared with mlp");
  });
});
