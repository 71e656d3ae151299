// Reading strangers' PNGs: every type, depth and interlacing as independent encoders write them; everything damaged
// refused by name; nothing inflated beyond what the header implies.

import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { ImageError } from "../../../shared/errors.ts";
import { readPng } from "../../../worker/upload/read-png.ts";
import { loadZlib, type Zlib } from "../../../worker/upload/zlib.ts";
import faulty from "../../vectors/faulty-png.json" with { type: "json" };
import vectors from "../../vectors/png.json" with { type: "json" };
import { chunk, data, end, greyPng, header, join, SIGNATURE } from "./crafted-png.ts";

let zlib: Zlib;
beforeAll(async () => {
  zlib = await loadZlib();
});

type Vector = (typeof vectors.images)[number] & { readonly clear?: number[] };
const bytesOf = ({ png }: Vector) => new Uint8Array(Buffer.from(png, "base64"));

/** The colours that the vector's formula gives, as RGBA of 8 bits. */
function expectedPixels({ width, height, colourType, bitDepth, clear }: Vector): Uint8Array {
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType as 0 | 2 | 3 | 4 | 6];
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const samples = Array.from({ length: channels }, (_, c) => {
        const sample = 7 * x + 13 * y + 31 * c + 3 * x * y;
        return (bitDepth === 16 ? 997 * sample : sample) % 2 ** bitDepth;
      });
      const bytes = samples.map((value) =>
        bitDepth === 16 ? value >> 8 : (value * 255) / (2 ** bitDepth - 1),
      );
      const alpha = clear && samples.join() === clear.join() ? 0 : 255;
      const [first, second, third, fourth] = bytes as [number, number, number, number];
      const entry = (factor: number) => (samples[0]! * factor) % 256;
      const colours = {
        0: [first, first, first, alpha],
        2: [first, second, third, alpha],
        3: [entry(37), entry(91), entry(151), entry(53)],
        4: [first, first, first, second],
        6: [first, second, third, fourth],
      };
      pixels.push(...colours[colourType as 0 | 2 | 3 | 4 | 6]);
    }
  }
  return Uint8Array.from(pixels);
}

describe("PNGs of other encoders", () => {
  it.each(vectors.images.map((vector) => [`${vector.name} (${vector.encoder})`, vector as Vector] as const))(
    "%s",
    async (_, vector) => {
      const { width, height, pixels } = await readPng(bytesOf(vector), zlib);
      expect([width, height]).toEqual([vector.width, vector.height]);
      expect(pixels).toEqual(expectedPixels(vector));
    },
  );

  it("cover every type and depth of the standard, plain and interlaced", () => {
    const names = vectors.images.map(({ name }) => name);
    for (const [type, depths] of Object.entries({
      0: [1, 2, 4, 8, 16],
      2: [8, 16],
      3: [1, 2, 4, 8],
      4: [8, 16],
      6: [8, 16],
    })) {
      for (const depth of depths) {
        expect(names).toContain(`type ${type}, ${depth} bits`);
        expect(names).toContain(`type ${type}, ${depth} bits, interlaced`);
      }
    }
  });
});

describe("faulty PNGs", () => {
  type Faulty = (typeof faulty.images)[number] & { readonly libpng: string | null };
  /** SHA-256 of the pixels; undefined where the file is refused. */
  const digestOf = async ({ png }: { readonly png: string }) => {
    try {
      const { pixels } = await readPng(new Uint8Array(Buffer.from(png, "base64")), zlib);
      return Buffer.from(await crypto.subtle.digest("SHA-256", pixels as BufferSource)).toString("hex");
    } catch (error) {
      expect(error).toBeInstanceOf(ImageError);
    }
  };
  const images = faulty.images as Faulty[];

  it.each(images.filter(({ libpng }) => libpng))("$name: read as libpng reads it", async (image) => {
    expect(await digestOf(image)).toBe(image.libpng);
  });

  it.each(images.filter(({ libpng, pillow }) => !libpng && !pillow))(
    "$name: refused, as libpng and Pillow refuse it",
    async (image) => {
      expect(await digestOf(image)).toBeUndefined();
    },
  );

  it("that only Pillow reads are refused, unless the zlib stream merely lacks its end", async () => {
    const read: string[] = [];
    for (const image of images.filter(({ libpng, pillow }) => !libpng && pillow)) {
      if (await digestOf(image)) read.push(image.name);
    }
    expect(read).toEqual(["no adler", "half adler", "no final block"]);
  });

  it("of 3,000 chunks are read", async () => {
    const bytes = whole(header(4, 4), ...Array.from({ length: 3000 }, () => chunk("tEXt")), data(ROWS), end);
    expect((await readPng(bytes, zlib)).pixels.length).toBe(64);
  });
});

const ROWS = new Uint8Array(4 * 5);
const whole = (...chunks: Uint8Array[]) => join(SIGNATURE, ...chunks);
const damaged = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const deflated = deflateSync(ROWS);

describe("a file that is not a PNG, or damaged, is refused with the reason", () => {
  const palette = chunk("PLTE", new Uint8Array(6));
  it.each<[string, RegExp, () => Uint8Array]>([
    ["nothing", /not a PNG/, () => new Uint8Array(0)],
    ["a JPEG", /not a PNG/, () => Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70)],
    ["the signature alone", /cut off/, () => SIGNATURE],
    ["another first chunk", /starts with IDAT/, () => whole(data(ROWS), header(4, 4), end)],
    [
      "a short header",
      /expected IHDR of 13/,
      () => whole(chunk("IHDR", new Uint8Array(12)), data(ROWS), end),
    ],
    ["no width", /0 x 4 pixels/, () => whole(header(0, 4), data(ROWS), end)],
    ["no height", /4 x 0 pixels/, () => whole(header(4, 0), data(ROWS), end)],
    ["513 pixels", /513 x 4 pixels, expected 1 to 512 a side/, () => whole(header(513, 4), data(ROWS), end)],
    ["4 billion pixels", /4294967295 x 4/, () => whole(header(0xffffffff, 4), data(ROWS), end)],
    ["3 bits", /colour type 0 with 3 bits/, () => whole(header(4, 4, 3), data(ROWS), end)],
    ["RGB of 4 bits", /colour type 2 with 4 bits/, () => whole(header(4, 4, 4, 2), data(ROWS), end)],
    [
      "a palette of 16 bits",
      /colour type 3 with 16/,
      () => whole(header(4, 4, 16, 3), palette, data(ROWS), end),
    ],
    ["colour type 5", /colour type 5/, () => whole(header(4, 4, 8, 5), data(ROWS), end)],
    ["another compression", /compression 1/, () => whole(header(4, 4, 8, 0, [1, 0, 0]), data(ROWS), end)],
    ["another filter method", /filter method 1/, () => whole(header(4, 4, 8, 0, [0, 1, 0]), data(ROWS), end)],
    ["another interlacing", /interlace 2/, () => whole(header(4, 4, 8, 0, [0, 0, 2]), data(ROWS), end)],
    ["two headers", /second IHDR/, () => whole(header(4, 4), header(4, 4), data(ROWS), end)],
    ["no image data", /no image data/, () => whole(header(4, 4), end)],
    ["a cut chunk of image data", /cut off/, () => whole(header(4, 4), data(ROWS)).slice(0, -1)],
    ["no palette", /no palette/, () => whole(header(4, 4, 8, 3), data(ROWS), end)],
    [
      "a late palette",
      /no palette before its image data/,
      () => whole(header(4, 4, 8, 3), data(ROWS), palette, end),
    ],
    ["two palettes", /second PLTE/, () => whole(header(4, 4, 8, 3), palette, palette, data(ROWS), end)],
    [
      "a broken palette",
      /palette of 4 bytes/,
      () => whole(header(4, 4, 8, 3), chunk("PLTE", ROWS.slice(16)), data(ROWS), end),
    ],
    [
      "too long a palette",
      /1 to 256 entries/,
      () => whole(header(4, 4, 8, 3), chunk("PLTE", new Uint8Array(771)), data(ROWS), end),
    ],
    [
      "an unknown critical chunk",
      /chunk of type NEWS/,
      () => whole(header(4, 4), chunk("NEWS"), data(ROWS), end),
    ],
    ["a type that is no name", /not four letters/, () => whole(header(4, 4), chunk("a b1"), data(ROWS), end)],
    [
      "image data with other chunks between",
      /damaged or cut off/,
      () =>
        whole(
          header(4, 4),
          chunk("IDAT", deflated.subarray(0, 4)),
          chunk("tEXt"),
          chunk("IDAT", deflated.subarray(4)),
          end,
        ),
    ],
    ["a damaged header", /IHDR is damaged/, () => damaged(whole(header(4, 4), data(ROWS), end), 29)],
    ["damaged image data", /IDAT is damaged/, () => damaged(whole(header(4, 4), data(ROWS), end), 45)],
    [
      "too little image data",
      /ends after 19 of the 20 bytes/,
      () => whole(header(4, 4), data(ROWS.slice(1)), end),
    ],
    [
      "cut image data",
      /cut off|after 0 of/,
      () => whole(header(4, 4), chunk("IDAT", deflated.subarray(0, 4)), end),
    ],
    ["no zlib stream", /damaged/, () => whole(header(4, 4), chunk("IDAT", ROWS), end)],
    ["filter 5", /filter 5/, () => whole(header(4, 4), data(ROWS.map((_, i) => (i === 5 ? 5 : 0))), end)],
    [
      "20,000 chunks",
      /more than 16384 chunks/,
      () => whole(header(4, 4), ...Array.from({ length: 20_000 }, () => chunk("tEXt")), data(ROWS), end),
    ],
  ])("%s", async (_, message, make) => {
    const bytes = make();
    await expect(readPng(bytes, zlib)).rejects.toThrow(ImageError);
    await expect(readPng(bytes, zlib)).rejects.toThrow(message);
  });

  it("a file that ends anywhere in its image data or before", async () => {
    const bytes = bytesOf(vectors.images[0] as Vector);
    const { length: endLength } = end;
    for (let length = 0; length < bytes.length - endLength; length++) {
      await expect(readPng(bytes.slice(0, length), zlib), `${length} bytes`).rejects.toThrow(ImageError);
    }
    const image = await readPng(bytes, zlib);
    for (let length = bytes.length - endLength; length < bytes.length; length++) {
      expect(await readPng(bytes.slice(0, length), zlib), `${length} bytes`).toEqual(image);
    }
  });

  it("any flipped bits: an image or an ImageError, never another failure", async () => {
    const flip = fc.tuple(fc.nat(), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(vectors.images.length - 1),
        fc.array(flip, { minLength: 1, maxLength: 4 }),
        async (index, flips) => {
          const bytes = bytesOf(vectors.images[index] as Vector);
          for (const [at, bit] of flips) bytes[at % bytes.length]! ^= 1 << bit;
          try {
            const { width, height, pixels } = await readPng(bytes, zlib);
            expect(pixels.length).toBe(4 * width * height);
          } catch (error) {
            expect(error).toBeInstanceOf(ImageError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("nothing is inflated beyond what the header implies", () => {
  let limits: number[] = [];
  const counting: Zlib = {
    crc32: (bytes) => zlib.crc32(bytes),
    store: (bytes) => zlib.store(bytes),
    inflate: async (stream, maxBytes) => {
      limits.push(maxBytes);
      const result = await zlib.inflate(stream, maxBytes);
      expect(result.length).toBeLessThanOrEqual(maxBytes);
      return result;
    },
  };
  const limitsOf = async (bytes: Uint8Array) => {
    limits = [];
    try {
      await readPng(bytes, counting);
    } catch (error) {
      expect(error).toBeInstanceOf(ImageError);
    }
    return limits;
  };
  const bomb = deflateSync(new Uint8Array(100_000_000));

  it("100 MB behind the header of 4 x 4 pixels stop after 20 bytes", async () => {
    const bytes = whole(header(4, 4), chunk("IDAT", bomb), end);
    expect(bytes.length).toBeLessThan(100_000);
    expect(await limitsOf(bytes)).toEqual([20]);
    expect((await readPng(bytes, zlib)).pixels.length).toBe(64);
  });

  it("a header of huge sides stops before", async () => {
    expect(await limitsOf(whole(header(50_000, 50_000, 16, 6), chunk("IDAT", bomb), end))).toEqual([]);
  });

  it("profiles, texts and the frames of an animation are never inflated", async () => {
    const name = Buffer.from("a\0\0");
    const bytes = whole(
      header(4, 4),
      chunk("iCCP", join(name, bomb)),
      chunk("zTXt", join(name, bomb)),
      chunk("acTL", new Uint8Array(8)),
      chunk("fcTL", new Uint8Array(26)),
      data(ROWS),
      chunk("fdAT", join(new Uint8Array(4), bomb)),
      end,
    );
    expect(await limitsOf(bytes)).toEqual([20]);
    expect((await readPng(bytes, zlib)).pixels.length).toBe(64);
  });

  it("exactly the implied number of bytes is inflated, and not one more, at every size", async () => {
    const sizes = [1, 2, 63, 64, 65, 2_097_664];
    for (let size = 100; size < 1_000_000; size = Math.ceil(size * 1.1)) sizes.push(size);
    for (const size of sizes) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i) >> 3);
      const stream = deflateSync(bytes);
      for (const most of [size - 1, size, size + 1]) {
        const expected = bytes.subarray(0, most);
        expect(Buffer.compare(await zlib.inflate(stream, most), expected), `${most} of ${size}`).toBe(0);
      }
    }
  });

  it("what follows the end is ignored", async () => {
    const image = await readPng(
      join(
        greyPng(3, 3, (x) => x * 50),
        new Uint8Array(1000),
      ),
      zlib,
    );
    expect([...image.pixels.subarray(0, 12)]).toEqual([0, 0, 0, 255, 50, 50, 50, 255, 100, 100, 100, 255]);
  });
});
