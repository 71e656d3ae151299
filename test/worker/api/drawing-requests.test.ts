// Good and bad requests to the routes that draw more than one seed's digit, inside workerd; more are in e2e/table.ts.

import { beforeAll, describe, expect, it } from "vitest";
import { fetchPath, publishModels } from "./drawing-models.ts";

beforeAll(async () => {
  await publishModels();
});

const repeated = (text: string, count: number) => Array(count).fill(text).join(",");
const sixteen = "abcdefghijklmnop".split("").join(",");

describe("a table of requests", () => {
  it.each<[number, string, string?]>([
    [200, "/grid?seed=a&model=beta&digits=0123456789"],
    [200, "/grid?seed=a&rows=1&cols=64"],
    [200, "/grid?seed=a&rows=64&cols=1&size=64&format=json"],
    [200, "/grid?seed=a&model=beta&digit=7&temperature=0&sampler=mixture"],
    [200, "/grid?seed=a&sampler=prior&format=svg&fg=036&bg=transparent"],
    [200, "/grid?seed=a&size=512&format=svg"],
    [200, `/grid?seed=${"x".repeat(124)}`],
    [400, `/grid?seed=${"x".repeat(125)}`, "seed"],
    [400, "/grid?seed=", "seed"],
    [400, "/grid?cols=0", "cols"],
    [400, "/grid?rows=9&cols=8", "rows"],
    [400, "/grid?cols=33&rows=2", "cols"],
    [400, "/grid?rows=8&cols=8&size=65", "size"],
    [400, "/grid?model=beta&digits=", "digits"],
    [400, "/grid?model=beta&digits=1,2", "digits"],
    [400, "/grid?model=beta&digits=each", "digits"],
    [400, "/grid?model=beta&digit=10", "digit"],
    [400, "/grid?digits=12"],
    [400, "/grid?model=beta&digit=1&sampler=prior"],
    [400, "/grid?format=apng", "format"],
    [400, "/grid?format=json&fg=f00", "fg"],
    [400, "/grid?columns=3", "columns"],
    [404, "/grid?model=gamma"],
    [200, "/number/7?model=beta"],
    [200, "/number/00000000000000000000000000000000?model=beta&seed=a"],
    [200, "/number/%31%32?model=beta&seed=a&spacing=-6&layout=squares"],
    [200, "/number/12?model=beta&seed=a&size=362&bg=transparent"],
    [200, "/number/123456789?model=beta&seed=a&size=512&format=svg"],
    [200, "/number/12?model=beta&seed=a&format=json&sampler=mixture&temperature=2"],
    [400, "/number/12?model=beta&seed=a&size=363", "size"],
    [400, "/number/12?model=beta&spacing=-7", "spacing"],
    [400, "/number/12?model=beta&spacing=29", "spacing"],
    [400, "/number/12?model=beta&spacing=-0", "spacing"],
    [400, "/number/12?model=beta&layout=boxes", "layout"],
    [400, "/number/12?model=beta&sampler=prior"],
    [400, "/grid?seed=1&rows=2&digits=012", "rows"],
    [400, "/number/12?model=beta&temperature=3", "temperature"],
    [400, "/number/12?model=beta&digit=3", "digit"],
    [400, `/number/12?model=beta&seed=${"x".repeat(125)}`, "seed"],
    [400, "/number/12a?model=beta", "digits"],
    [400, "/number/-12?model=beta", "digits"],
    [400, "/number/1.5?model=beta", "digits"],
    [400, "/number/%D9%A1?model=beta", "digits"],
    [400, "/number/%ff?model=beta", "digits"],
    [400, `/number/${"1".repeat(33)}?model=beta`, "digits"],
    [400, "/number/12?model=beta&format=json&bg=f00", "bg"],
    [400, "/number/12?model=alpha"],
    [404, "/number/12/3"],
    [200, "/manifold?model=plane&cells=16&size=32"],
    [200, "/manifold?model=plane&cells=2&size=256&format=json"],
    [400, "/manifold?model=plane&cells=16&size=33", "size"],
    [400, "/manifold?model=plane&format=json&fg=f00", "fg"],
    [400, "/manifold", "model"],
    [200, "/decode?model=plane&z=-100,1e-7&size=512"],
    [200, "/decode?model=plane&z=1E1,5e-01&format=svg"],
    [200, "/decode?z=1,2,3,4&format=json"],
    [400, "/decode?model=plane&z=0", "z"],
    [400, "/decode?model=plane&z=0,0,0", "z"],
    [400, "/decode?model=plane&z=0,", "z"],
    [400, "/decode?model=plane&z=0,%20,1", "z"],
    [400, "/decode?model=plane&z=0,NaN", "z"],
    [400, "/decode?model=plane&z=0,Infinity", "z"],
    [400, "/decode?model=plane&z=0,1e99", "z"],
    [400, "/decode?model=plane&z=0,100.1", "z"],
    [400, "/decode?model=plane&z=0,0x10", "z"],
    [400, "/decode?model=plane&z=0,.5", "z"],
    [400, `/decode?model=plane&z=${repeated("0", 257)}`, "z"],
    [400, "/decode?model=plane&z=0,0&seed=1", "seed"],
    [400, "/decode?model=plane&z=0,0&format=json&fg=f00", "fg"],
    [200, `/interpolate?seeds=${sixteen}`],
    [200, `/interpolate?seeds=${sixteen}&loop=true&steps=5&format=apng&fps=60`],
    [200, "/interpolate?seeds=a,b,c&steps=32&size=64&path=lerp"],
    [200, "/interpolate?seeds=a&digits=0123456789&loop=true&model=beta"],
    [200, "/interpolate?seeds=a,b&digits=7&model=beta&format=json&details=true"],
    [200, "/interpolate?from=a&to=b&loop=true"],
    [200, "/interpolate?seeds=a,a"],
    [400, `/interpolate?seeds=${sixteen}&steps=6`, "steps"],
    [400, `/interpolate?seeds=${sixteen}&steps=5&size=66`, "size"],
    [400, `/interpolate?seeds=${sixteen},q`, "seeds"],
    [400, "/interpolate?seeds=", "seeds"],
    [400, "/interpolate?seeds=a,,b", "seeds"],
    [400, "/interpolate?seeds=a,%20b", "seeds"],
    [400, `/interpolate?seeds=a,${"x".repeat(129)}`, "seeds"],
    [400, "/interpolate?seeds=a&digits=1&model=beta", "seeds"],
    [400, "/interpolate?seeds=a,b,c&digits=12&model=beta", "digits"],
    [400, "/interpolate?seeds=a&digits=01234567890123456&model=beta", "digits"],
    [400, "/interpolate?digits=123&model=beta", "seeds"],
    [400, "/interpolate?seeds=a,b&from=a", "from"],
    [400, "/interpolate?seeds=a,b&toDigit=3&model=beta", "toDigit"],
    [400, "/interpolate?from=a&to=b&digits=3&model=beta", "from"],
    [400, "/interpolate?seeds=a,b&digits=12"],
    [400, "/interpolate?from=a&to=b&loop=1", "loop"],
    [400, "/interpolate?from=a&to=b&fps=24", "fps"],
    [400, "/interpolate?from=a&to=b&format=apng&fps=0", "fps"],
    [400, "/interpolate?from=a&to=b&format=apng&fps=61", "fps"],
    [400, "/sample?seed=a&details=yes&format=json", "details"],
  ])("%i %s", async (status, path, parameter) => {
    const response = await fetchPath(path);
    expect(response.status).toBe(status);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    if (status === 200) return void (await response.arrayBuffer());
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const problem = await response.json<Record<string, unknown>>();
    expect(problem.parameter).toBe(parameter);
    if (parameter) expect(problem.detail).toContain(`"${parameter}"`);
  });

  it.each(["/grid", "/number/12", "/manifold", "/decode"])("405 POST %s, with Allow", async (path) => {
    const response = await fetchPath(path, { method: "POST" });
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe("GET, HEAD, OPTIONS");
    await response.arrayBuffer();
  });

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
    "%s draws anew, and tells its seed",
    async (path) => {
      const response = await fetchPath(path);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      const seed = response.headers.get("X-Seed")!;
      const again = await fetchPath(`${path}&seed=${seed}`);
      expect(await again.arrayBuffer()).toEqual(await response.arrayBuffer());
    },
  );
});
