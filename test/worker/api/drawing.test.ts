// The routes that draw more than one seed's digit: numbers, grids, planes, explicit latents, walks through waypoints.

import UPNG from "upng-js";
import { beforeAll, describe, expect, it } from "vitest";
import { expectedPixels, type Fixture, packedWeights } from "../../fixture.ts";
import { fetchPath, publishModels } from "./drawing-models.ts";

let alpha: Fixture;
let beta: Fixture;
let plane: Fixture;
beforeAll(async () => {
  ({ alpha, beta, plane } = await publishModels());
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

const sixteen = "abcdefghijklmnop".split("").join(",");

describe("GET /grid", () => {
  it("shows at place k what /sample draws for seed/k", async () => {
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
  });

  it("as JSON returns everything to draw each digit again", async () => {
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

  it("shows each digit as /sample draws it for seed/place, so that equal digits differ", async () => {
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

  it("as JSON returns where the ink of each digit is, in pixels of the picture", async () => {
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
  it("draws exactly the digit whose latent JSON returned", async () => {
    const path = "/sample?seed=q&model=beta&format=json&details=true";
    const { model, seed, digit, latent, pixels } = await readJson<Origin & Pixels & { model: string }>(path);
    expect([model, seed]).toEqual([`beta@${beta.version}`, "q"]);
    const decoded = (await readGrey(`/decode?z=${latent.join(",")}&model=beta`)).pixels;
    expect(decoded).toEqual(Uint8Array.from(pixels.flat()));
    expect(decoded).toEqual(expectedPixels(beta, "q", packedWeights(beta), { digit }));
  });

  it("has one pinned address for every spelling of a latent", async () => {
    const address = await canonical("/decode?model=plane&z=0.1,-1.25");
    expect(address).toBe(`/decode?model=plane%40${plane.version}&picture=2&z=0.1%2C-1.25`);
    for (const z of ["0.10,-1.250", "1e-1,-125e-2", "0.10000000149011612,-1.25"]) {
      expect(await canonical(`/decode?model=plane&z=${z}`)).toBe(address);
    }
    expect(await canonical("/decode?model=plane&z=-0,1e-99")).toMatch(/&z=0%2C0$/);
  });

  it("says how many numbers are expected", async () => {
    const { detail } = await readJson<{ detail: string }>("/decode?z=1,2");
    expect(detail).toMatch(/alpha@[0-9a-f]{12} has 4 numbers, found 2/);
  });
});

describe("GET /manifold", () => {
  it("shows what /decode draws for the plane's latents, the second growing upwards", async () => {
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

  it("of another model names its latent, and where to look", async () => {
    const { detail } = await readJson<{ detail: string }>("/manifold?model=beta");
    expect(detail).toMatch(/beta@[0-9a-f]{12} has 4 latent dimensions, expected 2 .* \/models$/);
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

  it("is straight with lerp: half-way it is the mean of both ends", async () => {
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

  it("reduces its default steps if it would be longer than 64 digits", async () => {
    const address = await canonical(`/interpolate?seeds=${sixteen}`);
    expect(address).not.toContain("steps");
    expect(await canonical(`/interpolate?seeds=${sixteen}&steps=5`)).toBe(address);
    expect((await readGrey(`/interpolate?seeds=${sixteen}`)).width).toBe(61 * 28);
  });

  it("has the requested frame rate, or 12 frames a second", async () => {
    const [usual, fast] = [await walk("from=a&to=b"), await walk("from=a&to=b&fps=50")];
    // The reader rounds to milliseconds.
    for (const delay of usual.delays) expect(delay).toBe(83);
    for (const delay of fast.delays) expect(delay).toBe(20);
  });

  it("has the shortest addresses for walks between two ends, and JSON without details", async () => {
    const pinned = `alpha%40${alpha.version}`;
    expect(await canonical("/interpolate?to=b&from=a&steps=8&path=slerp&loop=false")).toBe(
      `/interpolate?from=a&model=${pinned}&picture=2&to=b`,
    );
    expect(await canonical("/interpolate?from=a&to=b&steps=5&format=apng&size=32&temperature=0.5")).toBe(
      `/interpolate?format=apng&from=a&model=${pinned}&picture=2&size=32&steps=5&temperature=0.5&to=b`,
    );
    expect(Object.keys(await readJson<object>("/interpolate?from=a&to=b&format=json"))).toEqual(["frames"]);
    expect(Object.keys(await readJson<object>("/sample?seed=a&format=json"))).toEqual([
      "width",
      "height",
      "pixels",
    ]);
  });
});
