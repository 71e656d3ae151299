import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  dataSource,
  loadDataset,
  MNIST,
  parseIdx,
  shuffled,
  splitTraining,
} from "../../../trainer/data/dataset.ts";
import { DatasetError } from "../../../trainer/errors.ts";
import { temporaryFolder } from "../../folder.ts";

describe("MNIST", () => {
  it("has 60,000 training and 10,000 test images of 28 by 28 pixels, of all ten digits", async () => {
    for (const [part, count] of [
      ["train", 60_000],
      ["t10k", 10_000],
    ] as const) {
      const data = await loadDataset(MNIST, part);
      expect([data.count, data.height, data.width]).toEqual([count, 28, 28]);
      expect(data.pixels.length).toBe(count * 28 * 28);
      expect(new Set(data.labels).size).toBe(10);
    }
  });

  it("with a missing file, or one that differs by a byte, is refused with the file's name", async () => {
    const folder = await temporaryFolder();
    await cp(MNIST.folder, folder, { recursive: true });
    await writeFile(join(folder, "t10k-labels-idx1-ubyte"), Buffer.alloc(10_008));
    await expect(loadDataset({ ...MNIST, folder }, "t10k")).rejects.toThrow(
      /t10k-labels-idx1-ubyte is damaged.*npm ci/s,
    );
    await rm(join(folder, "t10k-labels-idx1-ubyte"));
    await expect(loadDataset({ ...MNIST, folder }, "t10k")).rejects.toThrow(
      /cannot read .*t10k-labels-idx1-ubyte/,
    );
    await expect(loadDataset({ ...MNIST, folder }, "t10k")).rejects.toThrow(DatasetError);
  });

  it.each([
    ["too short for a header", Uint8Array.of(0, 0)],
    ["of another rank", Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 0)],
    ["shorter than its header says", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 9, 1)],
  ])("as a file %s is refused", (_, bytes) => {
    expect(() => parseIdx({ file: bytes, path: "file" }, 1)).toThrow(DatasetError);
  });
});

describe("--data", () => {
  const idx = (shape: number[]) => {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header.writeUInt32BE(0x0800 + shape.length);
    shape.forEach((n, axis) => {
      header.writeUInt32BE(n, 4 + 4 * axis);
    });
    return Buffer.concat([header, Buffer.alloc(shape.reduce((a, b) => a * b))]);
  };

  it("takes any folder of IDX files with images of 28 by 28 pixels", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "train-images-idx3-ubyte"), idx([5, 28, 28]));
    await writeFile(join(folder, "train-labels-idx1-ubyte"), idx([5]));
    expect((await loadDataset(dataSource(folder), "train")).count).toBe(5);
    const twelve = idx([5]);
    twelve[twelve.length - 2] = 12;
    await writeFile(join(folder, "train-labels-idx1-ubyte"), twelve);
    await expect(loadDataset(dataSource(folder), "train")).rejects.toThrow("label 12 of image 3");
    await writeFile(join(folder, "train-labels-idx1-ubyte"), idx([4]));
    await expect(loadDataset(dataSource(folder), "train")).rejects.toThrow("5 images");
    await writeFile(join(folder, "train-images-idx3-ubyte"), idx([5, 32, 32]));
    await writeFile(join(folder, "train-labels-idx1-ubyte"), idx([5]));
    await expect(loadDataset(dataSource(folder), "train")).rejects.toThrow("expected 28 by 28");
  });

  it("says where missing files belong", async () => {
    await expect(loadDataset(dataSource("fashion"), "train")).rejects.toThrow(
      /data\/fashion.*Fashion-MNIST there/,
    );
    await expect(loadDataset(dataSource("/nowhere"), "train")).rejects.toThrow(DatasetError);
  });
});

describe("the split", () => {
  it("is 54,000 to 6,000, disjoint, and determined by the seed", () => {
    const { training, validation } = splitTraining(60_000, "0");
    expect([training.length, validation.length]).toEqual([54_000, 6_000]);
    expect(new Set([...training, ...validation]).size).toBe(60_000);
    expect(splitTraining(60_000, "0").validation).toEqual(validation);
    expect(splitTraining(60_000, "1").validation).not.toEqual(validation);
  });

  it("of a limited set keeps its proportions", () => {
    const { training, validation } = splitTraining(60_000, "0", 1000);
    expect([training.length, validation.length]).toEqual([900, 100]);
    expect(() => splitTraining(500, "0", 1000)).toThrow(DatasetError);
  });

  it("comes from a uniformly random order", () => {
    const counts = new Uint32Array(10);
    for (let i = 0; i < 5000; i++) counts[shuffled(10, `${i}`).indexOf(0)]! += 1;
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(110);
  });
});
