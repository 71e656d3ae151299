// What the routes that draw more than one seed's digit have in common with /sample.

import { beforeAll, describe, expect, it } from "vitest";
import { fetchPath, publishModels } from "./drawing-models.ts";

beforeAll(async () => {
  await publishModels();
});

describe("requests that draw more than one digit", () => {
  it.each([
    "/grid?seed=a&model=beta&digits=019&format=svg",
    "/number/2026?seed=a&model=beta&size=40",
    "/manifold?model=plane&cells=3",
    "/decode?z=1,2,3,4",
    "/interpolate?seeds=a,b,c&loop=true",
  ])("%s has a pinned address with the same bytes, an ETag and a 304", async (path) => {
    const moving = await fetchPath(path);
    const pinned = await fetchPath(/^<(.+)>/.exec(moving.headers.get("Link")!)![1]!);
    expect(moving.headers.get("Cache-Control")).toContain("max-age=60,");
    expect(pinned.headers.get("Cache-Control")).toContain("immutable");
    expect(pinned.headers.get("ETag")).toBe(moving.headers.get("ETag"));
    expect(await pinned.arrayBuffer()).toEqual(await moving.arrayBuffer());
    const headers = { "If-None-Match": moving.headers.get("ETag")! };
    expect((await fetchPath(path, { headers })).status).toBe(304);
  });

  it.each(["/grid?model=beta", "/number/12?model=beta"])(
    "%s draws another picture each time, and returns its seed",
    async (path) => {
      const response = await fetchPath(path);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      const seed = response.headers.get("X-Seed")!;
      const again = await fetchPath(`${path}&seed=${seed}`);
      expect(await again.arrayBuffer()).toEqual(await response.arrayBuffer());
    },
  );
});
