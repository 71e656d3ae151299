// Reading strangers' PNGs: every type, depth and interlacing as independent encoders write them; everything damaged
// refused by name; nothing inflated beyond what the header implies.

import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { ImageError } from "../../../shared/errors.ts";
import { readPng, type Zlib } from "../../../shared/image/read-png.ts";
import { loadZlib } from "../../../worker/zlib.ts";
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
    (_, vector) => {
      const { width, height, pixels } = readPng(bytesOf(vector), zlib);
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

const ROWS = new Uint8Array(4 * 5);
const whole = (...chunks: Uint8Array[]) => join(SIGNATURE, ...chunks);
const damaged = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const deflated = deflateSync(ROWS);

describe("what is no PNG, or a damaged one, is refused by what is wrong", () => {
  const palette = chunk("PLTE", new Uint8Array(6));
  it.each<[string, RegExp, () => Uint8Array]>([
    ["nothing", /does not start as a PNG/, () => new Uint8Array(0)],
    ["a JPEG", /does not start as a PNG/, () => Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70)],
    ["the signature alone", /cut off/, () => SIGNATURE],
    ["another first chunk", /starts with IDAT/, () => whole(data(ROWS), header(4, 4), end)],
    [
      "a short header",
      /expected IHDR of 13/,
      () => whole(chunk("IHDR", new Uint8Array(12)), data(ROWS), end),
    ],
    ["no width", /0 x 4 pixels/, () => whole(header(0, 4), data(ROWS), end)],
    ["no height", /4 x 0 pixels/, () => whole(header(4, 0), data(ROWS), end)],
    ["513 pixels", /513 x 4 pixels; a side is 1 to 512/, () => whole(header(513, 4), data(ROWS), end)],
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
    ["no end", /ends before its IEND/, () => whole(header(4, 4), data(ROWS))],
    ["no palette", /no palette/, () => whole(header(4, 4, 8, 3), data(ROWS), end)],
    ["a late palette", /PLTE that is late/, () => whole(header(4, 4, 8, 3), data(ROWS), palette, end)],
    ["two palettes", /late or second/, () => whole(header(4, 4, 8, 3), palette, palette, data(ROWS), end)],
    [
      "a broken palette",
      /palette of 4 bytes/,
      () => whole(header(4, 4, 8, 3), chunk("PLTE", ROWS.slice(16)), data(ROWS), end),
    ],
    [
      "too long a palette",
      /1 to 2 entries/,
      () => whole(header(4, 4, 1, 3), chunk("PLTE", new Uint8Array(9)), data(ROWS), end),
    ],
    [
      "opacities without colours",
      /tRNS of 3 bytes/,
      () => whole(header(4, 4, 8, 3), palette, chunk("tRNS", new Uint8Array(3)), data(ROWS), end),
    ],
    [
      "half a clear colour",
      /tRNS of 1 bytes; expected 2/,
      () => whole(header(4, 4), chunk("tRNS", ROWS.slice(19)), data(ROWS), end),
    ],
    [
      "an unknown critical chunk",
      /chunk of type NEWS/,
      () => whole(header(4, 4), chunk("NEWS"), data(ROWS), end),
    ],
    ["a type that is no name", /not four letters/, () => whole(header(4, 4), chunk("a b1"), data(ROWS), end)],
    [
      "parted image data",
      /between its IDAT/,
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
      "too much image data",
      /longer than the 20 bytes/,
      () => whole(header(4, 4), data(new Uint8Array(21)), end),
    ],
    ["cut image data", /cut off/, () => whole(header(4, 4), chunk("IDAT", deflated.subarray(0, 6)), end)],
    ["no zlib stream", /damaged/, () => whole(header(4, 4), chunk("IDAT", ROWS), end)],
    ["filter 5", /filter 5/, () => whole(header(4, 4), data(ROWS.map((_, i) => (i === 5 ? 5 : 0))), end)],
    [
      "3,000 chunks",
      /more than 2048 chunks/,
      () => whole(header(4, 4), ...Array.from({ length: 3000 }, () => chunk("tEXt")), data(ROWS), end),
    ],
  ])("%s", (_, message, make) => {
    const bytes = make();
    expect(() => readPng(bytes, zlib)).toThrow(ImageError);
    expect(() => readPng(bytes, zlib)).toThrow(message);
  });

  it("a file that ends anywhere", () => {
    const bytes = bytesOf(vectors.images[0] as Vector);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readPng(bytes.slice(0, length), zlib), `${length} bytes`).toThrow(ImageError);
    }
  });

  it("any bits turned: an image or an ImageError, never another failure", () => {
    const flip = fc.tuple(fc.nat(), fc.nat(7));
    fc.assert(
      fc.property(
        fc.nat(vectors.images.length - 1),
        fc.array(flip, { minLength: 1, maxLength: 4 }),
        (index, flips) => {
          const bytes = bytesOf(vectors.images[index] as Vector);
          for (const [at, bit] of flips) bytes[at % bytes.length]! ^= 1 << bit;
          try {
            const { width, height, pixels } = readPng(bytes, zlib);
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
    inflate: (stream, maxBytes) => {
      limits.push(maxBytes);
      const result = zlib.inflate(stream, maxBytes);
      expect(result.length).toBeLessThanOrEqual(maxBytes);
      return result;
    },
  };
  const limitsOf = (bytes: Uint8Array) => {
    limits = [];
    try {
      readPng(bytes, counting);
    } catch (error) {
      expect(error).toBeInstanceOf(ImageError);
    }
    return limits;
  };
  const bomb = deflateSync(new Uint8Array(100_000_000));

  it("100 MB behind the header of 4 x 4 pixels stop after 20 bytes", () => {
    const bytes = whole(header(4, 4), chunk("IDAT", bomb), end);
    expect(bytes.length).toBeLessThan(100_000);
    expect(limitsOf(bytes)).toEqual([20]);
    expect(() => readPng(bytes, zlib)).toThrow(/longer than the 20 bytes/);
  });

  it("a header of huge sides stops before", () => {
    expect(limitsOf(whole(header(50_000, 50_000, 16, 6), chunk("IDAT", bomb), end))).toEqual([]);
  });

  it("profiles, texts and the frames of an animation are never inflated", () => {
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
    expect(limitsOf(bytes)).toEqual([20]);
    expect(readPng(bytes, zlib).pixels.length).toBe(64);
  });

  it("exactly as much as is implied is inflated, and not a byte more, at every size", () => {
    const sizes = [1, 2, 63, 64, 65, 2_097_664];
    for (let size = 100; size < 1_000_000; size = Math.ceil(size * 1.1)) sizes.push(size);
    for (const size of sizes) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i) >> 3);
      const stream = deflateSync(bytes);
      expect(
        zlib.inflate(stream, size).every((byte, i) => byte === bytes[i]),
        `${size}`,
      ).toBe(true);
      expect(zlib.inflate(stream, size + 1).length, `${size}`).toBe(size);
      expect(() => zlib.inflate(stream, size - 1), `${size}`).toThrow();
    }
  });

  it("what lies behind the end is not looked at", () => {
    const image = readPng(
      join(
        greyPng(3, 3, (x) => x * 50),
        new Uint8Array(1000),
      ),
      zlib,
    );
    expect([...image.pixels.subarray(0, 12)]).toEqual([0, 0, 0, 255, 50, 50, 50, 255, 100, 100, 100, 255]);
  });
});
