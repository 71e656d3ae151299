import fc from "fast-check";
import { decode, decodeApng } from "fast-png";
import UPNG from "upng-js";
import { describe, expect, it } from "vitest";
import { mix, parseColour, type Style, WHITE_ON_BLACK } from "../../../shared/image/colour.ts";
import { chooseFilter } from "../../../shared/image/filter.ts";
import { paintSmallest } from "../../../shared/image/paint.ts";
import { encodeApng, encodePng } from "../../../shared/image/png.ts";
import type { GreyImage } from "../../../shared/image/raster.ts";
import { scaleImage } from "../../../shared/image/scale.ts";
import { tileImages } from "../../../shared/image/sheet.ts";
import { sha256 } from "../../../shared/release/release.ts";
import { arbitraryImage, constantImage, drawRing } from "./drawing.ts";
import { drawNoise } from "./ink/fields.ts";

const orangeOnBlue: Style = { foreground: parseColour("f80"), background: parseColour("012345") };
const orangeOnNothing: Style = { foreground: parseColour("f80"), background: "transparent" };
const blackOnWhite: Style = { foreground: parseColour("000"), background: parseColour("fff") };
const styles = { WHITE_ON_BLACK, orangeOnBlue, orangeOnNothing, blackOnWhite };

/** What a viewer shall see. */
function expectedRgba({ pixels }: GreyImage, { foreground, background }: Style): Uint8Array {
  return Uint8Array.from(
    [...pixels].flatMap((level) =>
      background === "transparent"
        ? [...foreground, level]
        : [...foreground.map((ink, i) => mix(background[i]!, ink, level)), 255],
    ),
  );
}

function rgbaFrames(file: Uint8Array): Uint8Array[] {
  return UPNG.toRGBA8(UPNG.decode(file.slice().buffer)).map((frame) => new Uint8Array(frame));
}

const colourType = (file: Uint8Array) => file[25];

describe("a PNG", () => {
  it("of any image is read back by two other readers", () => {
    fc.assert(
      fc.property(arbitraryImage(80), (image) => {
        const file = encodePng(image);
        const { width, height, channels, depth, data } = decode(file, { checkCrc: true });
        expect({ width, height, channels, depth }).toEqual({
          width: image.width,
          height: image.height,
          channels: 1,
          depth: 8,
        });
        expect(data).toEqual(image.pixels);
        expect(rgbaFrames(file)).toEqual([expectedRgba(image, WHITE_ON_BLACK)]);
      }),
    );
  });

  it.each(Object.entries(styles))("shows %s in its colours", (_, style) => {
    fc.assert(
      fc.property(arbitraryImage(40), (image) => {
        expect(rgbaFrames(encodePng(image, style))).toEqual([expectedRgba(image, style)]);
      }),
      { numRuns: 40 },
    );
  });

  it("is grey for greys, which is the default, and a palette for colours", () => {
    expect(colourType(encodePng(drawRing(), WHITE_ON_BLACK))).toBe(0);
    expect(colourType(encodePng(drawRing(), blackOnWhite))).toBe(0);
    expect(colourType(encodePng(drawRing(), orangeOnBlue))).toBe(3);
    expect(colourType(encodePng(drawRing(), orangeOnNothing))).toBe(3);
    const spelled = { foreground: parseColour("FFFFFF"), background: parseColour("000") };
    expect(encodePng(drawRing(), spelled)).toEqual(encodePng(drawRing()));
  });

  it.each([28, 60, 112, 300, 512])("of %d pixels is read back whatever filter it takes", (size) => {
    const image = scaleImage(drawRing(), size);
    expect(decode(encodePng(image), { checkCrc: true }).data).toEqual(image.pixels);
  });

  it("stores rough pictures unfiltered and smooth ones as differences", () => {
    expect(chooseFilter(drawRing())).toBe("none");
    expect(chooseFilter(scaleImage(drawRing(), 84))).toBe("paeth");
    expect(chooseFilter(scaleImage(drawRing(), 512))).toBe("up");
  });

  it.each(Object.entries(styles))("shows %s in its colours, whatever its colour type", (_, style) => {
    const few = (count: number) => fc.uint8Array({ min: 0, max: count - 1, minLength: 999, maxLength: 999 });
    const image = fc.oneof(
      arbitraryImage(40),
      fc
        .constantFrom(1, 2, 3, 4, 16, 17)
        .chain(few)
        .map((pixels) => ({ width: 37, height: 27, pixels })),
      fc.nat(255).map((level) => constantImage(131, 120, level)),
    );
    fc.assert(
      fc.property(image, (image) => {
        expect(rgbaFrames(encodePng(image, style, paintSmallest))).toEqual([expectedRgba(image, style)]);
      }),
      { numRuns: 15 },
    );
  });

  it("takes the colour type of fewer bytes", () => {
    const ring = drawRing();
    const whiteOnNothing: Style = { ...orangeOnNothing, foreground: parseColour("fff") };
    const large = scaleImage(ring, 300);
    const types = (image: GreyImage) =>
      [...Object.values(styles), whiteOnNothing].map((style) => {
        const [plain, small] = [encodePng(image, style), encodePng(image, style, paintSmallest)];
        expect(small.length).toBeLessThanOrEqual(plain.length);
        return colourType(small);
      });
    expect(types(ring)).toEqual([0, 3, 3, 0, 3]);
    expect(types(drawNoise(28, "greys", 2))).toEqual([0, 3, 6, 0, 4]);
    expect(types(large)).toEqual([0, 3, 3, 0, 3]);
    const blank = constantImage(280, 280, 99);
    for (const style of Object.values(styles)) {
      expect(encodePng(blank, style, paintSmallest).length).toBeLessThan(120);
    }
  });

  // These are picture format 1's: other bytes are another format, see picture-format.ts.
  it("has the frozen bytes", async () => {
    const ring = drawRing();
    const files = {
      plain: encodePng(ring),
      colours: encodePng(ring, orangeOnBlue),
      transparent: encodePng(ring, orangeOnNothing),
      middle: encodePng(scaleImage(ring, 84)),
      large: encodePng(scaleImage(ring, 512)),
      grid: encodePng(tileImages([ring, drawRing(28, 4), drawRing(28, 11)], 2)),
      animation: encodeApng([ring, drawRing(28, 4)], 12, orangeOnNothing),
    };
    const digests = await Promise.all(
      Object.entries(files).map(
        async ([name, file]) => `${name} ${file.length} ${(await sha256(file)).slice(0, 16)}`,
      ),
    );
    expect(digests).toMatchInlineSnapshot(`
      [
        "plain 274 545ab29cee94db4a",
        "colours 325 bf81c71c5647b632",
        "transparent 354 a3508075c58c920f",
        "middle 2057 835ccb498dc15603",
        "large 26095 d37f7d1ef37661f8",
        "grid 708 636084f346f860bb",
        "animation 619 57099c5ec463df15",
      ]
    `);
  });

  // Picture format 2's.
  it("of the cheaper colour type has the frozen bytes", async () => {
    const ring = drawRing();
    const files = {
      plain: encodePng(ring, WHITE_ON_BLACK, paintSmallest),
      colours: encodePng(ring, orangeOnBlue, paintSmallest),
      transparent: encodePng(ring, orangeOnNothing, paintSmallest),
      opacity: encodePng(ring, { ...orangeOnNothing, foreground: [9, 9, 9] }, paintSmallest),
      blank: encodePng(constantImage(100, 90, 200), orangeOnBlue, paintSmallest),
      animation: encodeApng([ring, drawRing(28, 4)], 12, orangeOnNothing, paintSmallest),
    };
    const digests = await Promise.all(
      Object.entries(files).map(
        async ([name, file]) => `${name} ${file.length} ${(await sha256(file)).slice(0, 16)}`,
      ),
    );
    expect(digests).toMatchInlineSnapshot(`
      [
        "plain 274 545ab29cee94db4a",
        "colours 325 bf81c71c5647b632",
        "transparent 354 a3508075c58c920f",
        "opacity 354 a3edc75715097345",
        "blank 89 685d6200ed99ffdf",
        "animation 619 57099c5ec463df15",
      ]
    `);
  });
});

describe("an APNG", () => {
  const frames = [3, 6, 9, 12].map((radius) => drawRing(28, radius));

  it.each(Object.entries(styles))(
    "of %s contains every frame, loops endlessly, and has its rate",
    (_, style) => {
      const file = encodeApng(frames, 12, style);
      expect(rgbaFrames(file)).toEqual(frames.map((frame) => expectedRgba(frame, style)));
      const decoded = decodeApng(file, { checkCrc: true });
      expect(decoded.numberOfFrames).toBe(4);
      expect(decoded.numberOfPlays).toBe(0);
      expect(
        decoded.frames.map(({ delayNumber, delayDenominator }) => [delayNumber, delayDenominator]),
      ).toEqual(frames.map(() => [1, 12]));
    },
  );

  it("of one image opens in a reader of PNG only", () => {
    expect(decode(encodeApng([drawRing()], 1)).data).toEqual(drawRing().pixels);
  });

  it("refuses an empty list of frames, different sizes and invalid rates", () => {
    expect(() => encodeApng([], 12)).toThrow(/at least one frame/);
    expect(() => encodeApng([drawRing(28), drawRing(30)], 12)).toThrow(/30 x 30 behind 28 x 28/);
    for (const rate of [0, 1.5, 65_536, Number.NaN]) expect(() => encodeApng(frames, rate)).toThrow(/found/);
  });
});

describe("a grid", () => {
  it("places images row by row and leaves the rest black", () => {
    const grid = tileImages(
      [1, 2, 3].map((level) => constantImage(2, 2, level)),
      2,
    );
    const rows = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 0, 0, 3, 3, 0, 0];
    expect(grid).toEqual({ width: 4, height: 4, pixels: Uint8Array.from(rows) });
  });

  it("refuses an empty list of images, different sizes and invalid columns", () => {
    expect(() => tileImages([], 2)).toThrow(/at least one digit/);
    expect(() => tileImages([drawRing(28), drawRing(30)], 2)).toThrow(/30 x 30 beside 28/);
    for (const columns of [0, -1, 1.5]) expect(() => tileImages([drawRing()], columns)).toThrow(/found/);
  });
});
