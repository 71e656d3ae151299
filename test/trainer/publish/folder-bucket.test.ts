// A folder as a bucket: created once, swapped only if unchanged, whole or not at all.

import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toReadable } from "../../../node/readable-bucket.ts";
import { PublishError } from "../../../trainer/errors.ts";
import { openFolderBucket } from "../../../trainer/publish/folder-bucket.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a folder as a bucket", () => {
  it("creates an object once and keeps it", async () => {
    const bucket = openFolderBucket(join(folder, "store"));
    expect(await bucket.get("models/a/card.json")).toBeUndefined();
    expect(await bucket.list("models/")).toEqual([]);
    expect(await bucket.create("models/a/card.json", bytes("1"))).toBe(true);
    expect(await bucket.create("models/a/card.json", bytes("2"))).toBe(false);
    expect((await bucket.get("models/a/card.json"))!.body).toEqual(bytes("1"));
    expect(await bucket.list("models/")).toMatchObject([{ key: "models/a/card.json", bytes: 1 }]);
    expect(await bucket.list("other/")).toEqual([]);
    await bucket.delete("models/a/card.json");
    await bucket.delete("models/a/card.json");
    expect(await bucket.get("models/a/card.json")).toBeUndefined();
  });

  it("lets one of many swaps of the same version win", async () => {
    const buckets = Array.from({ length: 8 }, () => openFolderBucket(folder));
    const first = await Promise.all(
      buckets.map((bucket, i) => bucket.swap("catalog.json", bytes(`${i}`), undefined)),
    );
    expect(first.filter(Boolean)).toHaveLength(1);
    const { etag } = (await buckets[0]!.get("catalog.json"))!;
    const second = await Promise.all(
      buckets.map((bucket, i) => bucket.swap("catalog.json", bytes(`x${i}`), etag)),
    );
    expect(second.filter(Boolean)).toHaveLength(1);
    expect((await buckets[0]!.get("catalog.json"))!.body).toEqual(bytes(`x${second.indexOf(true)}`));
    expect((await buckets[0]!.list("")).map(({ key }) => key)).toEqual(["catalog.json"]);
  });

  it("takes over the lock of a process that was killed", async () => {
    const lock = join(folder, ".lock");
    await writeFile(lock, "");
    const old = new Date(Date.now() - 60_000);
    await utimes(lock, old, old);
    expect(await openFolderBucket(folder).create("a", bytes("1"))).toBe(true);
  });

  it("names the folder when it cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    const bucket = openFolderBucket(join(folder, "file"));
    await expect(bucket.create("a", bytes("1"))).rejects.toThrow(PublishError);
    await expect(bucket.create("a", bytes("1"))).rejects.toThrow(/file: cannot write a/);
  });

  it("is read as R2 is: null, an object with its body, or only its head where it is unchanged", async () => {
    const bucket = openFolderBucket(folder);
    const readable = toReadable(bucket);
    expect(await readable.get("a")).toBeNull();
    await bucket.create("a", bytes("12"));
    const found = (await readable.get("a"))!;
    expect([found.size, new Uint8Array(await found.arrayBuffer())]).toEqual([2, bytes("12")]);
    const unchanged = await readable.get("a", { onlyIf: { etagDoesNotMatch: found.etag } });
    expect(unchanged && "body" in unchanged).toBe(false);
    await bucket.swap("a", bytes("345"), found.etag);
    expect((await readable.get("a", { onlyIf: { etagDoesNotMatch: found.etag } }))!.size).toBe(3);
  });
});
