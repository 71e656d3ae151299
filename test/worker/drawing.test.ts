// The routes that draw more than one seed's digit: numbers, grids, planes, explicit latents, walks through waypoints.

import { exports } from "cloudflare:workers";
import UPNG from "upng-js";
import { beforeAll, describe, expect, it } from "vitest";
import { changeSpec, presets } from "../../shared/presets.ts";
import { expectedPixels, type Fixture, makeMixture, makeRelease, packedWeights } from "../fixture.ts";
import { publish } from "./bucket.ts";

const ORIGIN = "https://digits.example";
const fetchPath = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`${ORIGIN}${path}`, init);

let alpha: Fixture;
let beta: Fixture;
let plane: Fixture;
beforeAll(async () => {
  [alpha, beta, plane] = await Promise.all([
    makeRelease("alpha", "2"),
    makeRelease("beta", "3", presets.smoke, makeMixture(presets.smoke.latentDim, "3")),
    makeRelease("plane", "4", changeSpec("smoke", { latentDim: 2 })),
  ]);
  await publish(alpha, beta, plane);
});

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Grey pixels of a PNG's frames, by an independent reader. */
async function readFrames(path: string) {
  const image = UPNG.decode(await (await fetchPath(path)).arrayBuffer());
  const frames = UPNG.toRGBA8(image).map((rgba) => new Uint8Array(rgba).filter((_, i) => i % 4 === 0));
  const { width, height } = image;
  const delays = (image.frames as readonly { readonly delay: number }[]).map(({ delay }) => delay);
  return { width, height, frames, delays };
}

async function readGrey(path: string): Promise<Grey> {
  const { width, height, frames } = await readFrames(path);
  return { width, height, pixels: frames[0]! };
}

/** A square of a picture. */
function cut({ width, pixels }: Grey, left: number, top: number, side: number): Uint8Array {
  return Uint8Array.from(
    { length: side * side },
    (_, i) => pixels[(top + Math.floor(i / side)) * width + left + (i % side)]!,
  );
}

const sample = async (query: string) => (await readGrey(`/sample?${query}`)).pixels;
const readJson = async <T>(path: string): Promise<T> => (await fetchPath(path)).json<T>();
const canonical = async (path: string) => {
  const response = await fetchPath(path);
  await response.arrayBuffer();
  return /^<(.+)>; rel="canonical"$/.exec(response.headers.get("Link") ?? "")?.[1];
};

interface Origin {
  readonly seed: string;
  readonly digit?: number;
  readonly latent: number[];
}
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: number[][];
}

const repeated = (text: string, count: number) => Array(count).fill(text).join(",");
const sixteen = "abcdefghijklmnop".split("").join(",");

describe("a table of requests", () => {
  it.each<[number, string, string?]>([
    [200, "/grid"],
    [200, "/grid?seed=a&model=beta&digits=0123456789"],
    [200, "/grid?seed=a&rows=8&cols=8&size=64"],
    [200, "/grid?seed=a&rows=1&cols=64"],
    [200, "/grid?seed=a&rows=64&cols=1&size=64&format=json"],
    [200, "/grid?seed=a&model=beta&digit=7&temperature=0&sampler=mixture"],
    [200, "/grid?seed=a&sampler=prior&format=svg&fg=036&bg=transparent"],
    [200, "/grid?seed=a&size=512&format=svg"],
    [200, `/grid?seed=${"x".repeat(124)}`],
    [400, `/grid?seed=${"x".repeat(125)}`, "seed"],
    [400, "/grid?seed=", "seed"],
    [400, "/grid?rows=0", "rows"],
    [400, "/grid?rows=65", "rows"],
    [400, "/grid?cols=0", "cols"],
    [400, "/grid?rows=9&cols=8", "rows"],
    [400, "/grid?cols=33&rows=2", "cols"],
    [400, "/grid?rows=8&cols=8&size=65", "size"],
    [400, "/grid?model=beta&digit=1&digits=12", "digits"],
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
    [404, "/number/"],
    [404, "/number/12/3"],
    [200, "/manifold?model=plane"],
    [200, "/manifold?model=plane&cells=16&size=32"],
    [200, "/manifold?model=plane&cells=2&size=256&format=json"],
    [400, "/manifold?model=plane&cells=16&size=33", "size"],
    [400, "/manifold?model=plane&cells=1", "cells"],
    [400, "/manifold?model=plane&cells=17", "cells"],
    [400, "/manifold?model=plane&format=svg", "format"],
    [400, "/manifold?model=plane&seed=1", "seed"],
    [400, "/manifold?model=plane&format=json&fg=f00", "fg"],
    [400, "/manifold", "model"],
    [400, "/manifold?model=beta", "model"],
    [200, "/decode?model=plane&z=0,0"],
    [200, "/decode?model=plane&z=-100,1e-7&size=512"],
    [200, "/decode?model=plane&z=1E1,5e-01&format=svg"],
    [200, "/decode?z=1,2,3,4&format=json"],
    [400, "/decode", "z"],
    [400, "/decode?z=", "z"],
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
    [400, "/interpolate?seeds=a", "seeds"],
    [400, "/interpolate?seeds=", "seeds"],
    [400, "/interpolate?seeds=a,,b", "seeds"],
    [400, "/interpolate?seeds=a,%20b", "seeds"],
    [400, `/interpolate?seeds=a,${"x".repeat(129)}`, "seeds"],
    [400, "/interpolate?seeds=a&digits=1&model=beta", "seeds"],
    [400, "/interpolate?seeds=a,b,c&digits=12&model=beta", "digits"],
    [400, "/interpolate?seeds=a,b&digits=123&model=beta", "seeds"],
    [400, "/interpolate?seeds=a&digits=01234567890123456&model=beta", "digits"],
    [400, "/interpolate?digits=123&model=beta", "seeds"],
    [400, "/interpolate?seeds=a,b&from=a", "from"],
    [400, "/interpolate?seeds=a,b&toDigit=3&model=beta", "toDigit"],
    [400, "/interpolate?from=a&to=b&digits=3&model=beta", "from"],
    [400, "/interpolate?seeds=a,b&digits=12"],
    [400, "/interpolate?from=a&to=b&path=arc", "path"],
    [400, "/interpolate?from=a&to=b&loop=1", "loop"],
    [400, "/interpolate?from=a&to=b&fps=24", "fps"],
    [400, "/interpolate?from=a&to=b&format=apng&fps=0", "fps"],
    [400, "/interpolate?from=a&to=b&format=apng&fps=61", "fps"],
    [400, "/interpolate?from=a&to=b&details=true", "details"],
    [400, "/sample?seed=a&details=true", "details"],
    [400, "/sample?seed=a&details=yes&format=json", "details"],
    [200, "/sample?seed=a&details=true&format=json"],
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
    expect(response.headers.get("Allow")).toContain("GET");
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

describe("GET /grid", () => {
  it("holds at place k what /sample draws of seed/k", async () => {
    const grid = await readGrey("/grid?seed=a b&rows=2&cols=3");
    expect([grid.width, grid.height]).toEqual([84, 56]);
    for (let k = 0; k < 6; k++) {
      const cell = cut(grid, 28 * (k % 3), 28 * Math.floor(k / 3), 28);
      expect(cell).toEqual(expectedPixels(alpha, `a b/${k}`, packedWeights(alpha)));
      expect(cell).toEqual(await sample(`seed=a b/${k}`));
    }
  });

  it("has a row for each of its digits, and begins again when they end", async () => {
    const grid = await readGrey("/grid?seed=s&cols=2&rows=3&digits=47&model=beta&size=40");
    for (const [k, digit] of [4, 4, 7, 7, 4, 4].entries()) {
      const cell = cut(grid, 40 * (k % 2), 40 * Math.floor(k / 2), 40);
      expect(cell).toEqual(await sample(`seed=s/${k}&digit=${digit}&model=beta&size=40`));
    }
    expect(await canonical("/grid?seed=s&digits=0123456789&model=beta")).toContain("rows=10");
  });

  it("as JSON tells all that draws each digit again", async () => {
    const { model, seed, rows, cols, cells } = await readJson<{
      model: string;
      seed: string;
      rows: number;
      cols: number;
      cells: (Origin & Pixels)[];
    }>("/grid?seed=s&rows=2&cols=4&model=beta&format=json");
    expect({ model, seed, rows, cols }).toEqual({
      model: `beta@${beta.version}`,
      seed: "s",
      rows: 2,
      cols: 4,
    });
    expect(cells).toHaveLength(8);
    for (const { seed, digit, latent, pixels } of cells) {
      const grey = Uint8Array.from(pixels.flat());
      expect(grey).toEqual(await sample(`seed=${seed}&digit=${digit}&model=${model}`));
      expect(grey).toEqual((await readGrey(`/decode?z=${latent.join(",")}&model=${model}`)).pixels);
    }
  });
});

describe("GET /number", () => {
  interface Numeral extends Pixels {
    readonly number: string;
    readonly digits: (Origin & {
      left: number;
      ink: { left: number; top: number; width: number; height: number };
    })[];
  }
  const read = (digits: string, query = "") =>
    readJson<Numeral>(`/number/${digits}?seed=s&model=beta&format=json${query}`);

  it("shows each digit as /sample draws it of seed/place, so that equal digits differ", async () => {
    const picture = await readGrey("/number/0770?seed=s&model=beta&layout=squares&size=50");
    expect([picture.width, picture.height]).toEqual([200, 50]);
    const cells = [0, 1, 2, 3].map((place) => cut(picture, 50 * place, 0, 50));
    for (const [place, digit] of [0, 7, 7, 0].entries()) {
      expect(cells[place]).toEqual(
        await sample(`seed=s/${place}&digit=${digit}&model=beta&size=50&temperature=0.6`),
      );
    }
    expect(cells[1]).not.toEqual(cells[2]);
    expect(cells[0]).not.toEqual(cells[3]);
  });

  it("begins like every shorter one", async () => {
    const [short, long] = [await read("314"), await read("31415926535897932384626433832795")];
    expect(long.digits.slice(0, 3)).toEqual(short.digits);
    // The last digit's ground may reach into the next digit.
    const columns = short.digits[2]!.left;
    expect(long.pixels.map((row) => row.slice(0, columns))).toEqual(
      short.pixels.map((row) => row.slice(0, columns)),
    );
  });

  it("as JSON tells where the ink of each digit is, in pixels of the picture", async () => {
    const numeral = await read("2026", "&size=80");
    expect([numeral.number, numeral.height]).toEqual(["2026", 80]);
    for (const { ink } of numeral.digits) {
      expect(ink.left).toBeGreaterThanOrEqual(0);
      expect(ink.left + ink.width).toBeLessThanOrEqual(numeral.width);
      expect(ink.top + ink.height).toBeLessThanOrEqual(80);
      const levels = numeral.pixels
        .slice(ink.top, ink.top + ink.height)
        .flatMap((row) => [row[ink.left]!, row[ink.left + ink.width - 1]!]);
      expect(Math.max(...levels)).toBeGreaterThanOrEqual(64);
    }
    const png = await readGrey("/number/2026?seed=s&model=beta&size=80");
    expect([...png.pixels]).toEqual(numeral.pixels.flat());
  });

  it("moves digits together and apart by spacing", async () => {
    const widths = await Promise.all([-6, 0, 5].map(async (s) => (await read("314", `&spacing=${s}`)).width));
    expect([widths[1]! - widths[0]!, widths[2]! - widths[1]!]).toEqual([12, 10]);
  });

  it("says that a release without a mixture cannot draw it", async () => {
    const response = await fetchPath("/number/12?seed=s&model=alpha");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: "/problems/no-such-sampler",
      detail: expect.stringContaining("alpha@"),
    });
  });
});

describe("GET /decode", () => {
  it("draws the digit of the latent that JSON told, to the bit", async () => {
    const path = "/sample?seed=q&model=beta&format=json&details=true";
    const { model, seed, digit, latent, pixels } = await readJson<Origin & Pixels & { model: string }>(path);
    expect([model, seed]).toEqual([`beta@${beta.version}`, "q"]);
    const decoded = (await readGrey(`/decode?z=${latent.join(",")}&model=beta`)).pixels;
    expect(decoded).toEqual(Uint8Array.from(pixels.flat()));
    expect(decoded).toEqual(expectedPixels(beta, "q", packedWeights(beta), { digit }));
  });

  it("has one pinned address for every spelling of a latent", async () => {
    const address = await canonical("/decode?model=plane&z=0.1,-1.25");
    expect(address).toBe(`/decode?z=0.1%2C-1.25&model=plane%40${plane.version}`);
    for (const z of ["0.10,-1.250", "1e-1,-125e-2", "0.10000000149011612,-1.25"]) {
      expect(await canonical(`/decode?model=plane&z=${z}`)).toBe(address);
    }
    expect(await canonical("/decode?model=plane&z=-0,1e-99")).toContain("z=0%2C0&");
  });

  it("says how many numbers there are to be", async () => {
    const { detail } = await readJson<{ detail: string }>("/decode?z=1,2");
    expect(detail).toMatch(/alpha@[0-9a-f]{12} has 4 numbers, found 2/);
  });
});

describe("GET /manifold", () => {
  it("holds what /decode draws of the plane's latents, the second growing upwards", async () => {
    const picture = await readGrey("/manifold?model=plane&cells=3");
    const { rows, cols, cells } = await readJson<{
      rows: number;
      cols: number;
      cells: ({ latent: number[] } & Pixels)[];
    }>("/manifold?model=plane&cells=3&format=json");
    expect([rows, cols]).toEqual([3, 3]);
    for (const [k, { latent, pixels }] of cells.entries()) {
      const cell = cut(picture, 28 * (k % 3), 28 * Math.floor(k / 3), 28);
      expect(cell).toEqual(Uint8Array.from(pixels.flat()));
      expect(cell).toEqual((await readGrey(`/decode?z=${latent.join(",")}&model=plane`)).pixels);
      expect(latent.map(Math.sign)).toEqual([(k % 3) - 1, 1 - Math.floor(k / 3)]);
    }
  });

  it("of another model says which have a plane", async () => {
    const { detail } = await readJson<{ detail: string }>("/manifold?model=beta");
    expect(detail).toMatch(/beta@[0-9a-f]{12} has 4 latent dimensions .*models with 2: plane$/);
  });
});

describe("GET /interpolate through waypoints", () => {
  const walk = async (query: string) => {
    const { height, frames, delays } = await readFrames(`/interpolate?${query}&format=apng`);
    expect(height).toBe(28);
    return { frames, delays };
  };

  it("visits them in turn", async () => {
    const { frames } = await walk("seeds=a,b,c&steps=4");
    expect(frames).toHaveLength(7);
    for (const [i, seed] of ["a", "b", "c"].entries()) {
      expect(frames[3 * i]).toEqual(expectedPixels(alpha, seed, packedWeights(alpha)));
    }
  });

  it("of two is the walk between two ends", async () => {
    const ends = await fetchPath("/interpolate?from=a&to=b&fromDigit=3&toDigit=8&model=beta");
    const list = await fetchPath("/interpolate?seeds=a,b&digits=38&model=beta");
    expect(await list.arrayBuffer()).toEqual(await ends.arrayBuffer());
  });

  it("turns one seed through digits, or one digit through seeds", async () => {
    const digits = (await walk("seeds=a&digits=385&steps=2&model=beta")).frames;
    for (const [i, digit] of [3, 8, 5].entries()) {
      expect(digits[i]).toEqual(await sample(`seed=a&digit=${digit}&model=beta`));
    }
    const seeds = (await walk("seeds=a,b,c&digits=7&steps=2&model=beta")).frames;
    for (const [i, seed] of ["a", "b", "c"].entries()) {
      expect(seeds[i]).toEqual(await sample(`seed=${seed}&digit=7&model=beta`));
    }
  });

  it("that is closed ends one step before it began", async () => {
    const { frames } = await walk("seeds=a,b,c&steps=3&loop=true");
    expect(frames).toHaveLength(6);
    const back = (await walk("from=c&to=a&steps=3")).frames;
    expect(frames.slice(4)).toEqual(back.slice(0, 2));
    expect(frames[0]).toEqual(back[2]);
  });

  it("goes straight by lerp: half-way it is the mean of both ends", async () => {
    interface Walked {
      readonly model: string;
      readonly waypoints: Origin[];
      readonly frames: ({ latent: number[] } & Pixels)[];
    }
    const read = (path: string) =>
      readJson<Walked>(`/interpolate?from=a&to=b&steps=3&format=json&details=true&path=${path}`);
    const { model, waypoints, frames } = await read("lerp");
    expect(model).toBe(`alpha@${alpha.version}`);
    expect(waypoints.map(({ seed }) => seed)).toEqual(["a", "b"]);
    expect([frames[0]!.latent, frames[2]!.latent]).toEqual(waypoints.map(({ latent }) => latent));
    frames[1]!.latent.forEach((value, i) => {
      expect(value).toBeCloseTo((waypoints[0]!.latent[i]! + waypoints[1]!.latent[i]!) / 2, 5);
    });
    const middle = await readGrey(`/decode?z=${frames[1]!.latent.join(",")}`);
    expect(middle.pixels).toEqual(Uint8Array.from(frames[1]!.pixels.flat()));
    expect((await read("slerp")).frames[1]!.latent).not.toEqual(frames[1]!.latent);
  });

  it("takes fewer steps by itself where it would be longer than 64 digits", async () => {
    const address = await canonical(`/interpolate?seeds=${sixteen}`);
    expect(address).not.toContain("steps");
    expect(await canonical(`/interpolate?seeds=${sixteen}&steps=5`)).toBe(address);
    expect((await readGrey(`/interpolate?seeds=${sixteen}`)).width).toBe(61 * 28);
  });

  it("moves as fast as was asked for, 12 frames a second otherwise", async () => {
    const [usual, fast] = [await walk("from=a&to=b"), await walk("from=a&to=b&fps=50")];
    // The reader rounds to milliseconds.
    for (const delay of usual.delays) expect(delay).toBe(83);
    for (const delay of fast.delays) expect(delay).toBe(20);
  });

  it("leaves the addresses of walks between two ends as they are", async () => {
    const pinned = `alpha%40${alpha.version}`;
    expect(await canonical("/interpolate?to=b&from=a&steps=8&path=slerp&loop=false")).toBe(
      `/interpolate?from=a&to=b&model=${pinned}`,
    );
    expect(await canonical("/interpolate?from=a&to=b&steps=5&format=apng&size=32&temperature=0.5")).toBe(
      `/interpolate?from=a&to=b&temperature=0.5&steps=5&size=32&format=apng&model=${pinned}`,
    );
    expect(Object.keys(await readJson<object>("/interpolate?from=a&to=b&format=json"))).toEqual(["frames"]);
    expect(Object.keys(await readJson<object>("/sample?seed=a&format=json"))).toEqual([
      "width",
      "height",
      "pixels",
    ]);
  });
});
