// npm run bench:image: microseconds and bytes of digits as files, ours against the same chunks over other
// compressors and against whole encoders, in one process, in turn, with digits of the bundled cnn model. Prints
// medians over rounds with their quartiles, and ratios to ours. --json prints the figures for machines.

import { crc32, deflateSync } from "node:zlib";
import { encode as encodeFastPng } from "fast-png";
import { zlibSync } from "fflate";
import UPNG from "upng-js";
import { parseColour } from "../../shared/image/colour.ts";
import { chooseFilter, filterRows } from "../../shared/image/filter.ts";
import { toJson } from "../../shared/image/json.ts";
import { tileImages } from "../../shared/image/layout.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { encodeSvg } from "../../shared/image/svg.ts";
import { sampleLatent } from "../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { fromMemory, openRelease } from "../../shared/release/open.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { flag } from "../../trainer/options.ts";
import { listReleaseFolders, readReleaseFolder } from "../../trainer/publish/publish.ts";
import { readOptions } from "../options.ts";

const { json } = await readOptions({
  name: "bench:image",
  summary: "Time our image encoders beside others, and count their bytes.",
  examples: ["npm run bench:image"],
  fields: { json: flag("print the figures for machines") },
});

const ROUNDS = 15;
/** What a round of one peer takes at most, so that slow peers do not take all the time. */
const ROUND_MS = 60;

interface Peer {
  readonly name: string;
  readonly encode: (images: readonly GreyImage[]) => { readonly length: number };
}

interface Result {
  readonly picture: string;
  readonly peer: string;
  readonly microseconds: number;
  readonly quartiles: readonly [number, number];
  readonly bytes: number;
}

// Pictures: lists of frames, one frame for a still.
const digits = await drawDigits(64);
const stills = digits.map((digit) => [digit]);
const large = digits.slice(0, 12).map((digit) => [scaleImage(digit, 512)]);
const grids = [0, 14, 28].map((from) => [tileImages(digits.slice(from, from + 36), 6)]);
const walks = [0, 16, 32, 48].map((from) => digits.slice(from, from + 16));

// Peers.
const identity = Uint8Array.from({ length: 256 }, (_, level) => level);
type Compress = (rows: Uint8Array) => Uint8Array;
const chunksOver = (compress: Compress) => (frames: readonly GreyImage[]) => writeChunks(frames, compress);
const ours = (frames: readonly GreyImage[]) =>
  frames.length === 1 ? encodePng(frames[0]!) : encodeApng(frames, 12);
const upng = (frames: readonly GreyImage[]) => {
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
const compressors: Peer[] = [
  { name: "ours", encode: ours },
  {
    name: "our chunks over fflate, level 1",
    encode: chunksOver((rows) => zlibSync(rows, { level: 1, mem: 4 })),
  },
  {
    name: "our chunks over fflate, level 6",
    encode: chunksOver((rows) => zlibSync(rows, { level: 6, mem: 4 })),
  },
  { name: "our chunks over fflate, level 9", encode: chunksOver((rows) => zlibSync(rows, { level: 9 })) },
  { name: "our chunks over node:zlib, level 6 (native)", encode: chunksOver((rows) => deflateSync(rows)) },
  {
    name: "our chunks over node:zlib, level 9 (native)",
    encode: chunksOver((rows) => deflateSync(rows, { level: 9 })),
  },
];
const fastPng: Peer = {
  name: "fast-png",
  encode: ([image]) => encodeFastPng({ ...image!, data: image!.pixels, channels: 1, depth: 8 }),
};
const upngPeer: Peer = { name: "upng-js", encode: upng };
const colours = { foreground: parseColour("ff8800"), background: parseColour("012345") };
const styles: Peer[] = [
  { name: "PNG, 28 pixels", encode: ours },
  { name: "PNG, 28 pixels, in colours", encode: ([image]) => encodePng(image!, colours) },
  {
    name: "PNG, 28 pixels, transparent",
    encode: ([image]) => encodePng(image!, { ...colours, background: "transparent" }),
  },
  { name: "PNG, scaled to 112 pixels", encode: ([image]) => encodePng(scaleImage(image!, 112)) },
  { name: "PNG, scaled to 256 pixels", encode: ([image]) => encodePng(scaleImage(image!, 256)) },
  { name: "PNG, scaled to 512 pixels", encode: ([image]) => encodePng(scaleImage(image!, 512)) },
  { name: "SVG", encode: ([image]) => encodeSvg(image!, 512) },
  { name: "JSON", encode: ([image]) => JSON.stringify(toJson(image!)) },
];

const results = [
  ...measure("PNG of 28 x 28", stills, [...compressors, fastPng, upngPeer]),
  ...measure("PNG of 512 x 512, scaled before", large, [...compressors, fastPng, upngPeer]),
  ...measure("PNG of 36 digits", grids, [...compressors, fastPng, upngPeer]),
  ...measure("APNG of 16 frames of 28 x 28", walks, [...compressors, upngPeer]),
  ...measure("one digit, scaling included", stills, styles),
];
if (json) console.log(JSON.stringify({ rounds: ROUNDS, results }, null, 2));
else printTable(results);

/** Digits of the bundled cnn release, seeds 0, 1, 2, ... */
async function drawDigits(count: number): Promise<GreyImage[]> {
  for (const folder of await listReleaseFolders("models")) {
    const { card, files } = await readReleaseFolder(folder);
    if (card.name !== "cnn") continue;
    const { decoder } = await openRelease(card, fromMemory(files), loadDecodeKernels());
    return Array.from({ length: count }, (_, seed) =>
      decoder.image(sampleLatent(String(seed), latentDim(card.spec))),
    );
  }
  throw new Error("models/ has no cnn release");
}

/** Each peer encodes all pictures, again and again until the round's time is up; peers take turns. */
function measure(
  picture: string,
  pictures: readonly (readonly GreyImage[])[],
  peers: readonly Peer[],
): Result[] {
  process.stderr.write(`${picture}\n`);
  const times = peers.map((): number[] => []);
  const bytes = peers.map(({ encode }) =>
    pictures.reduce((sum, frames) => sum + encode(frames).length / pictures.length, 0),
  );
  for (let round = 0; round <= ROUNDS; round++) {
    peers.forEach(({ encode }, index) => {
      const start = performance.now();
      let encoded = 0;
      do {
        for (const frames of pictures) encode(frames);
        encoded += pictures.length;
      } while (performance.now() - start < ROUND_MS);
      // The first round is for the engine's compilers.
      if (round > 0) times[index]!.push((1000 * (performance.now() - start)) / encoded);
    });
  }
  return peers.map(({ name }, index) => {
    const sorted = times[index]!.toSorted((a, b) => a - b);
    const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))]!;
    return {
      picture,
      peer: name,
      microseconds: at(0.5),
      quartiles: [at(0.25), at(0.75)],
      bytes: Math.round(bytes[index]!),
    };
  });
}

/** The same chunks that ours writes, without its deflate. */
function writeChunks(frames: readonly GreyImage[], compress: Compress): Buffer {
  const { width, height } = frames[0]!;
  const filter = chooseFilter(frames[0]!);
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

function printTable(all: readonly Result[]): void {
  for (const picture of new Set(all.map((result) => result.picture))) {
    const rows = all.filter((result) => result.picture === picture);
    const first = rows[0]!;
    console.log(
      `\n| ${picture} | us, median (quartiles) | time | bytes | size |\n| --- | ---: | ---: | ---: | ---: |`,
    );
    for (const { peer, microseconds, quartiles, bytes } of rows) {
      const [low, high] = quartiles.map((value) => value.toFixed(0));
      const time = (microseconds / first.microseconds).toFixed(2);
      const size = (bytes / first.bytes).toFixed(2);
      console.log(
        `| ${peer} | ${microseconds.toFixed(0)} (${low} to ${high}) | ${time} | ${bytes} | ${size} |`,
      );
    }
  }
}
