// The HTTP contract over the whole Worker: statuses, headers, caching, and the pixels themselves.

import { exports } from "cloudflare:workers";
import UPNG from "upng-js";
import { beforeAll, describe, expect, it } from "vitest";
import { latentDim } from "../../shared/latent/kind.ts";
import type { LatentChoice } from "../../shared/latent/latent-kind.ts";
import { presets } from "../../shared/model/presets.ts";
import { expectedPixels, type Fixture, makeMixture, makeRelease, packedWeights } from "../fixture.ts";
import { publish } from "./bucket.ts";

const ORIGIN = "https://digits.example";
const fetchPath = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`${ORIGIN}${path}`, init);

let alpha: Fixture;
let alphaOld: Fixture;
let beta: Fixture;
beforeAll(async () => {
  [alphaOld, alpha, beta] = await Promise.all([
    makeRelease("alpha", "1"),
    makeRelease("alpha", "2"),
    makeRelease("beta", "3", presets.smoke, makeMixture(latentDim(presets.smoke), "3")),
  ]);
  await publish(alphaOld, alpha, beta);
});

/** Grey pixels of a PNG, by an independent reader. */
async function readPng(response: Response) {
  const image = UPNG.decode(await response.arrayBuffer());
  const frames = UPNG.toRGBA8(image).map((rgba) => new Uint8Array(rgba).filter((_, i) => i % 4 === 0));
  return { width: image.width, height: image.height, frames };
}

const pinned = (fixture: Fixture) => `${fixture.name}@${fixture.version}`;

// Requests to the bundled models are in e2e/table.ts.
describe("a request", () => {
  it.each([
    "/sample?seed=1&digit=7",
    "/sample?seed=1&sampler=mixture",
    "/interpolate?from=a&to=b&fromDigit=3",
    "/interpolate?seeds=a,b&digits=12",
    "/grid?digits=12",
    "/number/12",
  ])("for %s is refused by a model that only draws from N(0, I)", async (path) => {
    const response = await fetchPath(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: "/problems/no-such-sampler" });
  });

  it("by OPTIONS, as a preflight, is 204", async () => {
    const headers = { Origin: "https://elsewhere.example", "Access-Control-Request-Method": "GET" };
    const response = await fetchPath("/sample", { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("Access-Control-Allow-Methods")).toBe("GET, HEAD, OPTIONS");
    expect(response.headers.get("Access-Control-Allow-Headers")).toContain("Content-Type");
  });
});

describe("GET /sample", () => {
  it("draws what the decoder makes of the seed's latent", async () => {
    for (const fixture of [alphaOld, alpha, beta]) {
      const { width, height, frames } = await readPng(
        await fetchPath(`/sample?seed=42&model=${pinned(fixture)}`),
      );
      expect([width, height]).toEqual([28, 28]);
      expect(frames[0]).toEqual(expectedPixels(fixture, "42", packedWeights(fixture)));
    }
  });

  it("draws the stable version of the default model by default", async () => {
    const response = await fetchPath("/sample?seed=42");
    expect(response.headers.get("X-Model")).toBe(pinned(alpha));
    const { frames } = await readPng(response);
    expect(frames[0]).toEqual(expectedPixels(alpha, "42", packedWeights(alpha)));
  });

  it("may be cached permanently at a pinned address", async () => {
    const response = await fetchPath(`/sample?seed=42&model=${pinned(alpha)}`);
    expect(response.headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable, no-transform");
    expect(response.headers.get("Link")).toBeNull();
    await response.arrayBuffer();
  });

  it("may be cached for a minute at a moving address, and returns the pinned one, with the same bytes", async () => {
    const response = await fetchPath("/sample?seed=a%20b%26c&model=beta");
    expect(response.headers.get("Cache-Control")).toMatch(/max-age=60, stale-while-revalidate/);
    const [, canonical] = response.headers.get("Link")!.match(/^<(.+)>; rel="canonical"$/)!;
    const again = await fetchPath(canonical!);
    expect(again.headers.get("Cache-Control")).toContain("immutable");
    expect(again.headers.get("ETag")).toBe(response.headers.get("ETag"));
    expect(await again.arrayBuffer()).toEqual(await response.arrayBuffer());
  });

  it("draws another digit for each request without a seed, returns the seed, and may not be cached", async () => {
    const [one, two] = [await fetchPath("/sample"), await fetchPath("/sample")];
    const seed = one.headers.get("X-Seed")!;
    expect(seed).not.toBe(two.headers.get("X-Seed"));
    expect(one.headers.get("Cache-Control")).toBe("no-store");
    const again = await fetchPath(`/sample?seed=${encodeURIComponent(seed)}`);
    expect(await again.arrayBuffer()).toEqual(await one.arrayBuffer());
    await two.arrayBuffer();
  });

  it("answers 304 to a client that has the picture, and 200 to one that has another", async () => {
    const first = await fetchPath("/sample?seed=42");
    const etag = first.headers.get("ETag")!;
    await first.arrayBuffer();
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await fetchPath("/sample?seed=42", { headers: { "If-None-Match": tag } });
      expect(response.status).toBe(304);
      expect(response.headers.get("ETag")).toBe(etag);
      expect(await response.text()).toBe("");
    }
    const response = await fetchPath("/sample?seed=43", { headers: { "If-None-Match": etag } });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  it("answers HEAD as GET, without a body", async () => {
    const [get, head] = [
      await fetchPath("/sample?seed=42"),
      await fetchPath("/sample?seed=42", { method: "HEAD" }),
    ];
    expect(head.status).toBe(200);
    expect(head.headers.get("ETag")).toBe(get.headers.get("ETag"));
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    await get.arrayBuffer();
  });
});

describe("the sampler of a digit", () => {
  const expected = (choice: LatentChoice) => expectedPixels(beta, "42", packedWeights(beta), choice);
  const drawn = async (query: string) =>
    (await readPng(await fetchPath(`/sample?seed=42&model=beta${query}`))).frames[0];

  it("is the mixture, if the release has one, and N(0, I) on request", async () => {
    expect(await drawn("")).toEqual(expected({}));
    expect(await drawn("&sampler=mixture")).toEqual(expected({}));
    expect(await drawn("&sampler=prior")).toEqual(expected({ sampler: "prior" }));
    expect(expected({})).not.toEqual(expected({ sampler: "prior" }));
  });

  it("is conditioned on the digit, at the requested temperature", async () => {
    expect(await drawn("&digit=7&temperature=0.5")).toEqual(expected({ digit: 7, temperature: 0.5 }));
    expect(await drawn("&digit=3")).not.toEqual(await drawn("&digit=4"));
    const cold = async (seed: string) =>
      (await readPng(await fetchPath(`/sample?seed=${seed}&model=alpha&temperature=0`))).frames[0];
    expect(await cold("a")).toEqual(await cold("b"));
  });

  it("is the same for the ends of a walk", async () => {
    const strip = await readPng(
      await fetchPath("/interpolate?from=42&to=x&fromDigit=3&toDigit=8&steps=2&model=beta"),
    );
    const first = strip.frames[0]!.filter((_, i) => i % 56 < 28);
    expect(first).toEqual(expected({ digit: 3 }));
  });
});

describe("the style of a digit", () => {
  const get = async (query: string) => fetchPath(`/sample?seed=42&${query}`);

  it("is larger by size, with as much ink as the digit has in its own pixels", async () => {
    const { width, height, frames } = await readPng(await get("size=140"));
    expect([width, height]).toEqual([140, 140]);
    const ink = frames[0]!.reduce((sum, value) => sum + value, 0) / 25;
    const own = expectedPixels(alpha, "42", packedWeights(alpha)).reduce((sum, value) => sum + value, 0);
    expect(Math.abs(ink / own - 1)).toBeLessThan(0.06);
  });

  it("has the requested colours", async () => {
    const image = UPNG.decode(await (await get("fg=ff8000&bg=transparent")).arrayBuffer());
    const rgba = new Uint8Array(UPNG.toRGBA8(image)[0]!);
    const grey = expectedPixels(alpha, "42", packedWeights(alpha));
    grey.forEach((level, i) => {
      expect(rgba[4 * i + 3]).toBe(level);
      if (level > 0) expect([...rgba.subarray(4 * i, 4 * i + 3)]).toEqual([255, 128, 0]);
    });
  });

  it("has one pinned address and one ETag for every spelling", async () => {
    const [one, two] = [await get("fg=F80&size=28&format=png"), await get("fg=ff8800&model=alpha&bg=000000")];
    expect(one.headers.get("Link")).toBe(two.headers.get("Link"));
    expect(one.headers.get("ETag")).toBe(two.headers.get("ETag"));
    expect(await one.arrayBuffer()).toEqual(await two.arrayBuffer());
  });

  it("is grey levels as JSON, and outlines as SVG", async () => {
    const json = await get("format=json");
    expect(json.headers.get("Content-Type")).toBe("application/json");
    const { width, height, pixels } = await json.json<{
      width: number;
      height: number;
      pixels: number[][];
    }>();
    expect([width, height]).toEqual([28, 28]);
    expect(Uint8Array.from(pixels.flat())).toEqual(expectedPixels(alpha, "42", packedWeights(alpha)));
    const svg = await get("format=svg&size=300");
    expect(svg.headers.get("Content-Type")).toBe("image/svg+xml");
    expect(await svg.text()).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg".*width="300".*<\/svg>$/s);
  });
});

describe("GET /interpolate", () => {
  it("is a strip that begins and ends with its seeds' samples", async () => {
    const { width, height, frames } = await readPng(await fetchPath("/interpolate?from=a&to=b&steps=5"));
    expect([width, height]).toEqual([5 * 28, 28]);
    const column = (index: number) => frames[0]!.filter((_, i) => Math.floor((i % width) / 28) === index);
    expect(column(0)).toEqual(expectedPixels(alpha, "a", packedWeights(alpha)));
    expect(column(4)).toEqual(expectedPixels(alpha, "b", packedWeights(alpha)));
  });

  it("is an animation with the same frames", async () => {
    const strip = await readPng(await fetchPath("/interpolate?from=a&to=b&steps=5"));
    const response = await fetchPath("/interpolate?from=a&to=b&steps=5&format=apng");
    expect(response.headers.get("Content-Type")).toBe("image/apng");
    const { frames } = await readPng(response);
    expect(frames).toHaveLength(5);
    frames.forEach((frame, index) => {
      expect(frame).toEqual(strip.frames[0]!.filter((_, i) => Math.floor((i % (5 * 28)) / 28) === index));
    });
  });
});

describe("GET /models", () => {
  it("lists every model and version with addresses that answer", async () => {
    const response = await fetchPath("/models");
    const { models } = await response.json<{
      models: {
        name: string;
        isDefault: boolean;
        sample: string;
        versions: { version: string; sample: string }[];
      }[];
    }>();
    expect(models.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["alpha", true],
      ["beta", false],
    ]);
    expect(models[0]!.versions.map(({ version }) => version)).toEqual([alphaOld.version, alpha.version]);
    for (const path of models.flatMap(({ sample, versions }) => [sample, ...versions.map((v) => v.sample)])) {
      const sample = await fetchPath(path);
      expect(sample.status).toBe(200);
      await sample.arrayBuffer();
    }
  });
});
