// GET /models/:name and the releases' own files: what is served is right, and nothing else of the bucket is.

import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { CATALOG_KEY } from "../../../shared/release/catalog.ts";
import { releaseKey } from "../../../shared/release/release.ts";
import { type Fixture, makeRelease } from "../../fixture.ts";
import { bucket, publish } from "../bucket.ts";

const worker = (exports as unknown as { default: Fetcher }).default;
const fetchPath = (path: string, init?: RequestInit) => worker.fetch(`https://digits.example${path}`, init);

let alpha: Fixture;
let broken: Fixture;
beforeAll(async () => {
  [alpha, broken] = await Promise.all([makeRelease("alpha", "1"), makeRelease("broken", "2")]);
  await publish(alpha, broken);
  await bucket.put(releaseKey("alpha", alpha.version, "notes.txt"), "not listed");
  await bucket.put(releaseKey("alpha", "000000000000", "card.json"), "not in the catalog");
  await bucket.put("secret", "not a release");
  await bucket.put(releaseKey("broken", broken.version, "weights.bin"), "damaged");
  await bucket.delete(releaseKey("broken", broken.version, "encoder.bin"));
});
const folder = (fixture = alpha) => `/models/${fixture.name}/${fixture.version}`;

describe("a release's own files", () => {
  it("are all served as they were published, with their types, permanently", async () => {
    const types = { json: "application/json", bin: "application/octet-stream", png: "image/png" };
    expect(alpha.files.size).toBeGreaterThanOrEqual(6);
    for (const [name, body] of alpha.files) {
      const response = await fetchPath(`${folder()}/${name}`);
      expect(response.status, name).toBe(200);
      expect(response.headers.get("Content-Type")).toBe(types[name.split(".")[1] as keyof typeof types]);
      const forPixels = name.endsWith(".png") ? ", no-transform" : "";
      expect(response.headers.get("Cache-Control")).toBe(`public, max-age=31536000, immutable${forPixels}`);
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
      const sha256 = name === "card.json" ? alpha.cardSha256 : alpha.card.files[name]!.sha256;
      expect(response.headers.get("ETag")).toBe(`"${sha256}"`);
      expect(new Uint8Array(await response.arrayBuffer()), name).toEqual(body);
    }
  });

  it("answer HEAD with their length, and 304 to clients that have them", async () => {
    const path = `${folder()}/weights.bin`;
    const head = await fetchPath(path, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("Content-Length")).toBe(String(alpha.files.get("weights.bin")!.byteLength));
    const etag = head.headers.get("ETag")!;
    const again = await fetchPath(path, { headers: { "If-None-Match": `"other", W/${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect(again.headers.get("ETag")).toBe(etag);
    const other = await fetchPath(path, { headers: { "If-None-Match": '"other"' } });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });

  it("that are damaged or missing are 503, never other bytes than the card promises", async () => {
    for (const name of ["weights.bin", "encoder.bin"]) {
      const response = await fetchPath(`${folder(broken)}/${name}`);
      expect(response.status, name).toBe(503);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      await response.arrayBuffer();
    }
    const card = await fetchPath(`${folder(broken)}/card.json`);
    expect(card.status).toBe(200);
    await card.arrayBuffer();
  });

  it.each<[number, (folder: string) => string]>([
    [404, (at) => `${at}/notes.txt`],
    [404, (at) => `${at}/`],
    [404, (at) => `${at}/catalog.json`],
    [404, (at) => `${at}/constructor`],
    [404, (at) => `${at}/__proto__`],
    [404, (at) => `${at}/weights.bin/`],
    [404, (at) => `${at}/WEIGHTS.BIN`],
    [404, (at) => `${at}/weights%2ebin%00`],
    [404, (at) => `${at}/..%2f..%2f..%2f${CATALOG_KEY}`],
    [404, (at) => `${at}/%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret`],
    [404, (at) => `${at}/..%5c..%5csecret`],
    [400, (at) => `${at}/%E0%A4%A`],
    [404, () => "/models/alpha/000000000000/card.json"],
    [404, () => "/models/alpha/../catalog.json"],
    [404, () => "/models/alpha%2f..%2f/x/card.json"],
    [404, () => "/models/gamma/000000000000/card.json"],
    [404, () => "/models/constructor/constructor/constructor"],
    [404, () => "/models//secret"],
    [404, () => "/models/alpha/card.json"],
    [404, () => "/models/"],
    [404, () => "/secret"],
    [404, () => `/${CATALOG_KEY}`],
    [400, (at) => `${at}/card.json?download=1`],
    [200, (at) => `${at}/weights%2ebin`],
  ])("%i for other addresses (%#)", async (status, pathOf) => {
    const response = await fetchPath(pathOf(folder()));
    expect(response.status, pathOf("FOLDER")).toBe(status);
    const text = await response.text();
    expect(text).not.toMatch(/^not /);
  });
});

describe("GET /models and /models/:name", () => {
  interface Model {
    readonly name: string;
    readonly isDefault: boolean;
    readonly versions: Record<string, string>[];
  }

  it("name the default and give the same of each model, with links that answer", async () => {
    const all = await (await fetchPath("/models")).json<{ default: string; models: Model[] }>();
    expect(all.default).toBe("alpha");
    expect(all.models.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["alpha", true],
      ["broken", false],
    ]);
    for (const model of all.models) {
      const one = await fetchPath(`/models/${model.name}`);
      expect(one.headers.get("Cache-Control")).toMatch(/max-age=60, stale-while-revalidate/);
      expect(await one.json()).toEqual(model);
    }
    const [version] = all.models[0]!.versions;
    expect(version!.publishedAt).toBe("2026-01-01T00:00:00.000Z");
    for (const link of ["sample", "card", "preview", "decoder", "encoder"]) {
      const response = await fetchPath(version![link]!);
      expect(response.status, link).toBe(200);
      await response.arrayBuffer();
    }
  });

  it.each([
    [404, "/models/gamma"],
    [404, "/models/constructor"],
    [404, "/models/Alpha"],
    [400, "/models/alpha?x=1"],
  ])("%i %s", async (status, path) => {
    const response = await fetchPath(path);
    expect(response.status).toBe(status);
    await response.arrayBuffer();
  });
});
