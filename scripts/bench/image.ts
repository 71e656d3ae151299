// npm run bench:image: microseconds and bytes of digits as files by our encoder, compared with the same chunks over
// other compressors and with whole encoders, in one process and in turn, with digits of the bundled cnn model. Prints
// medians over rounds with their quartiles, and ratios to ours.

import { crc32, deflateSync } from "node:zlib";
import { encode as encodeFastPng } from "fast-png";
import { zlibSync } from "fflate";
import UPNG from "upng-js";
import { parseColour } from "../../shared/image/colour.ts";
import { chooseFilter, filterRows } from "../../shared/image/filter.ts";
import { PLAIN_HAND } from "../../shared/image/ink/hand.ts";
import { openInk } from "../../shared/image/ink/ink.ts";
import { traceField } from "../../shared/image/ink/outline.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import type { Digit, GreyImage } from "../../shared/image/raster.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { encodeSvg } from "../../shared/image/svg.ts";
import { sampleLatent } from "../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { fromMemory, openRelease } from "../../shared/release/open.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { flag, option, wholeNumber } from "../../trainer/options.ts";
import { formatTable } from "../tables.ts";
import { readBundled, takeTurns, timeCalls } from "./harness.ts";

/** Least milliseconds per round of one peer. */
const ROUND_MS = 60;

/** A still has one frame. */
type Frames = readonly GreyImage[];
type Encode = (frames: Frames) => { readonly length: number };
type Compress = (rows: Uint8Array) => Uint8Array;

const over =
  (compress: Compress): Encode =>
  (frames) =>
    writeChunks(frames, compress);
const ours: Encode = (frames) => (frames.length === 1 ? encodePng(frames[0]!) : encodeApng(frames, 12));
const upng: Encode = (frames) => {
  const { width, height } = frames[0]!;
  const rgba = frames.map(({ pixels }) => {
    const colours = new Uint8Array(4 * pixels.length);
    pixels.forEach((level, i) => {
      colours.fill(level, 4 * i, 4 * i + 3)[4 * i + 3] = 255;
    });
    return colours.buffer;
  });
  const file = UPNG.encode(rgba, width, height, 0, frames.length > 1 ? frames.map(() => 83) : undefined);
  return { length: file.byteLength };
};
const PEERS: Record<string, Encode> = {
  ours,
  "our chunks over fflate, level 1": over((rows) => zlibSync(rows, { level: 1, mem: 4 })),
  "our chunks over fflate, level 6": over((rows) => zlibSync(rows, { level: 6, mem: 4 })),
  "our chunks over fflate, level 9": over((rows) => zlibSync(rows, { level: 9 })),
  "our chunks over node:zlib, level 6 (native)": over((rows) => deflateSync(rows)),
  "our chunks over node:zlib, level 9 (native)": over((rows) => deflateSync(rows, { level: 9 })),
  "fast-png": ([image]) => encodeFastPng({ ...image!, data: image!.pixels, channels: 1, depth: 8 }),
  "upng-js": upng,
};

const colours = { foreground: parseColour("ff8800"), background: parseColour("012345") };
const ink = openInk(loadDecodeKernels());
/** Of a decoder's digit. */
const inked = (image: GreyImage, size: number) => ink.draw(image as Digit, size, PLAIN_HAND);
const STYLES: Record<string, Encode> = {
  "PNG, 28 pixels": ours,
  "PNG, 28 pixels, in colours": ([image]) => encodePng(image!, colours),
  "PNG, 28 pixels, transparent": ([image]) => encodePng(image!, { ...colours, background: "transparent" }),
  ...Object.fromEntries(
    [56, 112, 280, 512].flatMap((size): [string, Encode][] => [
      [`PNG, scaled to ${size} pixels`, ([image]) => encodePng(scaleImage(image!, size))],
      [`PNG, drawn from logits at ${size} pixels`, ([image]) => encodePng(inked(image!, size))],
    ]),
  ),
  SVG: ([image]) => encodeSvg(image!, 512),
  "SVG, traced on logits": ([image]) =>
    encodeSvg(image as Digit, 512, undefined, {
      trace: (digit) => traceField(ink.field(digit, PLAIN_HAND), digit.width, 0),
      units: 50,
    }),
  JSON: ([image]) => writeJson(toJson(image!)),
};

await runCommand({
  name: "bench:image",
  summary: "Time our image encoders, compare them with others, and count their bytes.",
  examples: ["npm run bench:image"],
  fields: {
    json: flag("print the figures as JSON"),
    rounds: option(wholeNumber(1), "rounds; the table has their medians", 15),
  },
  run: async ({ values: { json, rounds } }) => {
    const results = await measureImages(rounds);
    console.log(json ? JSON.stringify({ rounds, results }, null, 2) : formatReport(results));
  },
});

async function measureImages(rounds: number) {
  const digits = await drawDigits(64);
  const stills = digits.map((digit) => [digit]);
  const large = digits.slice(0, 12).map((digit) => [scaleImage(digit, 512)]);
  const grids = [0, 14, 28].map((from) => [tileImages(digits.slice(from, from + 36), 6)]);
  const walks = [0, 16, 32, 48].map((from) => digits.slice(from, from + 16));
  const { "fast-png": _, ...animating } = PEERS;
  const tables: [picture: string, pictures: readonly Frames[], peers: Record<string, Encode>][] = [
    ["PNG of 28 x 28", stills, PEERS],
    ["PNG of 512 x 512, scaled before", large, PEERS],
    ["PNG of 36 digits", grids, PEERS],
    ["APNG of 16 frames of 28 x 28", walks, animating],
    ["one digit, scaling included", stills, STYLES],
  ];
  const results = [];
  for (const [picture, pictures, peers] of tables) {
    const encodeAll = (encode: Encode) =>
      pictures.reduce((sum, frames) => sum + encode(frames).length / pictures.length, 0);
    const measure = ([, encode]: [string, Encode]) => ({
      us: timeCalls(() => encodeAll(encode), ROUND_MS) / pictures.length,
    });
    // Warms up the engine's compilers.
    for (const peer of Object.entries(peers)) measure(peer);
    for (const [[peer, encode], { us }] of await takeTurns(picture, Object.entries(peers), rounds, measure)) {
      const bytes = Math.round(encodeAll(encode));
      results.push({ picture, peer, microseconds: us.median, quartiles: us.quartiles, bytes });
    }
  }
  return results;
}

function formatReport(results: Awaited<ReturnType<typeof measureImages>>): string {
  const tables = Map.groupBy(results, ({ picture }) => picture);
  return Array.from(tables, ([picture, rows]) => {
    const [ours] = rows;
    const lines = rows.map(({ peer, microseconds, quartiles, bytes }) => [
      peer,
      `${microseconds.toFixed(0)} (${quartiles.map((value) => value.toFixed(0)).join(" to ")})`,
      (microseconds / ours!.microseconds).toFixed(2),
      bytes,
      (bytes / ours!.bytes).toFixed(2),
    ]);
    return `\n${formatTable([picture, "us, median (quartiles)", "time", "bytes", "size"], lines)}`;
  }).join("\n");
}

/** Digits of the bundled cnn release, seeds 0, 1, 2, ... */
async function drawDigits(count: number): Promise<GreyImage[]> {
  const { card, files } = await readBundled("cnn");
  const { decoder } = await openRelease(card, fromMemory(files), loadDecodeKernels());
  return Array.from({ length: count }, (_, seed) =>
    decoder.image(sampleLatent(String(seed), latentDim(card.spec))),
  );
}

/** The same chunks as ours, without its deflate. */
function writeChunks(frames: Frames, compress: Compress): Buffer {
  const { width, height } = frames[0]!;
  const filter = chooseFilter(frames[0]!);
  const identity = Uint8Array.from({ length: 256 }, (_, level) => level);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const chunks = [Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", header)];
  if (frames.length > 1) chunks.push(chunk("acTL", Buffer.from([0, 0, 0, frames.length, 0, 0, 0, 0])));
  for (const [index, frame] of frames.entries()) {
    const data = compress(filterRows(frame, identity, filter));
    if (frames.length > 1) chunks.push(chunk("fcTL", Buffer.alloc(26)));
    chunks.push(index === 0 ? chunk("IDAT", data) : chunk("fdAT", Buffer.concat([Buffer.alloc(4), data])));
  }
  return Buffer.concat([...chunks, chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8);
  return bytes;
}
