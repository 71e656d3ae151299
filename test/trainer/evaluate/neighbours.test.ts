import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { manifoldOf, precisionRecall } from "../../../trainer/evaluate/precision-recall.ts";
import { knnAccuracy } from "../../../trainer/latent/gaussian/knn.ts";
import { nearestNeighbours } from "../../../trainer/math/distances.ts";
import { blob, join } from "./sets.ts";

beforeAll(async () => {
  await selectBackend("wasm");
});

describe("nearest neighbours", () => {
  it("are those of a plain search, over many blocks, and leak no tensor", async () => {
    const [queries, points] = [blob("queries", 300, [5, 5, 5]), blob("points", 20_000, [5, 5, 5])];
    const before = tf.memory().numTensors;
    const { indices, distances } = await nearestNeighbours(queries, points, 3, 4);
    expect(tf.memory().numTensors).toBe(before);
    for (const query of [0, 150, 299]) {
      const all = Array.from({ length: 20_000 }, (_, i) =>
        Math.hypot(...[0, 1, 2].map((c) => queries[query * 3 + c]! - points[i * 3 + c]!)),
      );
      const nearest = all.map((_, i) => i).sort((a, b) => all[a]! - all[b]!);
      expect([...indices.subarray(query * 4, query * 4 + 4)]).toEqual(nearest.slice(0, 4));
      expect(Math.sqrt(distances[query * 4 + 3]!)).toBeCloseTo(all[nearest[3]!]!, 3);
    }
  });

  it("of a set in itself leave out each point itself", async () => {
    const { indices } = await nearestNeighbours(
      Float32Array.of(0, 1, 3),
      Float32Array.of(0, 1, 3),
      1,
      1,
      true,
    );
    expect([...indices]).toEqual([1, 0, 1]);
  });

  it("are refused where there are too few points", async () => {
    await expect(nearestNeighbours(new Float32Array(3), new Float32Array(3), 1, 3, true)).rejects.toThrow(
      /k = 3 nearest neighbours among 3 points/,
    );
  });
});

describe("precision and recall", () => {
  const left = blob("left", 400, [0, 0, 0, 0]);
  const right = blob("right", 400, [40, 0, 0, 0]);
  const compare = async (real: Float32Array, generated: Float32Array) =>
    precisionRecall(await manifoldOf(real, 4), await manifoldOf(generated, 4));

  it("of a set against itself are 1", async () => {
    expect(await compare(left, left.slice())).toEqual({ precision: 1, recall: 1 });
  });

  it("of sets far apart are 0", async () => {
    expect(await compare(left, right)).toEqual({ precision: 0, recall: 0 });
  });

  it("of another sample of the same distribution are high", async () => {
    const { precision, recall } = await compare(left, blob("other", 400, [0, 0, 0, 0]));
    expect(Math.min(precision, recall)).toBeGreaterThan(0.75);
  });

  it("lose recall alone when one of two modes is never generated", async () => {
    const { precision, recall } = await compare(join(left, right), blob("drop", 800, [0, 0, 0, 0]));
    expect(precision).toBeGreaterThan(0.75);
    expect(recall).toBeGreaterThan(0.35);
    expect(recall).toBeLessThanOrEqual(0.5);
  });

  it("lose precision alone when half of what is generated is unlike anything real", async () => {
    const { precision, recall } = await compare(left, join(blob("half", 400, [0, 0, 0, 0]), right));
    expect(precision).toBeLessThanOrEqual(0.5);
    expect(recall).toBeGreaterThan(0.75);
  });
});

describe("k-nearest-neighbour accuracy", () => {
  const labels = Uint8Array.from({ length: 300 }, (_, i) => Math.floor(i / 100));
  const classes = (seed: string, distance: number) =>
    join(...[0, 1, 2].map((c) => blob(`${seed}${c}`, 100, [c * distance, 0])));

  it("is 1 for classes far apart, and chance for classes that lie upon each other", async () => {
    const accuracy = (distance: number) =>
      knnAccuracy(classes("train", distance), labels, classes("test", distance), labels, 2, 5);
    expect(await accuracy(20)).toBe(1);
    const mixed = await accuracy(0);
    expect(mixed).toBeGreaterThan(0.2);
    expect(mixed).toBeLessThan(0.47);
  });

  it("gives a tie to the nearer class", async () => {
    const train = Float32Array.of(1, 2, 9, 9.5);
    const accuracy = knnAccuracy(
      train,
      Uint8Array.of(7, 3, 3, 7),
      Float32Array.of(0),
      Uint8Array.of(7),
      1,
      4,
    );
    // Votes from the nearest on: 7, 3, 3, 7: 3 is the first to have two.
    expect(await accuracy).toBe(0);
    const two = knnAccuracy(train, Uint8Array.of(7, 3, 3, 7), Float32Array.of(0), Uint8Array.of(7), 1, 2);
    expect(await two).toBe(1);
  });
});
