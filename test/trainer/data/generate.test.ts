// Generated data sets as folders: the command's files are what the model draws, the same every time, and the trainer
// reads them.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { parseSetCard, SET_CARD_FILE, setFiles } from "../../../shared/dataset/card.ts";
import { drawImages } from "../../../shared/dataset/draw.ts";
import { DEFAULT_SET, planSet } from "../../../shared/dataset/plan.ts";
import { fromMemory, type OpenRelease, openRelease } from "../../../shared/release/open.ts";
import { loadDecodeKernels } from "../../../trainer/backend/decode-kernels.ts";
import { dataSource, loadDataset } from "../../../trainer/data/dataset.ts";
import { generateSet } from "../../../trainer/data/generate.ts";
import { readDefaultRelease } from "../../../trainer/publish/publish.ts";
import { readConfig } from "../../../trainer/train/run-folder.ts";
import { fingerprint, temporaryFolder } from "../../folder.ts";
import { runTrainer } from "../../process.ts";

let release: OpenRelease;

beforeAll(async () => {
  const { card, files } = await readDefaultRelease();
  release = await openRelease(card, fromMemory(files), loadDecodeKernels());
});

const set = {
  options: { ...DEFAULT_SET, seed: "7", slant: [-10, 10] as const },
  sizes: { train: 250, t10k: 3 },
  isCompressed: false,
  model: { name: "digits", version: "0123456789ab" },
};
const generate = (folder: string, changes: Partial<typeof set> = {}) =>
  generateSet(folder, { ...set, ...changes, model: { ...set.model, release } });

describe("a generated data set", () => {
  it("holds the images and labels of its plan, over several batches", async () => {
    const folder = await temporaryFolder();
    await generate(folder);
    for (const [part, count] of [
      ["train", 250],
      ["t10k", 3],
    ] as const) {
      const planned = planSet(set.options)(part, 0, count);
      const { pixels, labels } = await loadDataset(dataSource(folder), part);
      expect(pixels).toEqual(Buffer.from(drawImages(release, planned)));
      expect([...labels]).toEqual(planned.map(({ digit }) => digit));
    }
  });

  it("has the same bytes every time, and other ones by another seed", async () => {
    const folders = await Promise.all([temporaryFolder(), temporaryFolder(), temporaryFolder()]);
    await generate(folders[0]);
    await generate(folders[1]);
    await generate(folders[2], { options: { ...set.options, seed: "8" } });
    const [first, again, other] = await Promise.all(folders.map(fingerprint));
    expect(again).toEqual(first);
    for (const file of [SET_CARD_FILE, ...setFiles(false)]) expect(other![file], file).not.toBe(first![file]);
  });

  it("has a card with the digests of its files, compressed or not, and the counts of its digits", async () => {
    const [plain, compressed] = await Promise.all([temporaryFolder(), temporaryFolder()]);
    await generate(plain);
    await generate(compressed, { isCompressed: true });
    for (const [folder, files] of [
      [plain, setFiles(false)],
      [compressed, setFiles(true)],
    ] as const) {
      const card = parseSetCard(await readFile(join(folder, SET_CARD_FILE)));
      expect(Object.keys(card.files).sort()).toEqual(files.toSorted());
      for (const file of files) {
        const bytes = await readFile(join(folder, file));
        const [sha256, md5] = ["sha256", "md5"].map((name) => createHash(name).update(bytes).digest("hex"));
        expect(card.files[file]).toEqual({ bytes: bytes.byteLength, sha256, md5 });
        if (folder === compressed) {
          expect(gunzipSync(bytes)).toEqual(await readFile(join(plain, file.replace(".gz", ""))));
        }
      }
      const { labels } = await loadDataset(dataSource(plain), "train");
      expect(card.counts.train).toEqual(
        card.set.digits.map((digit) => labels.filter((l) => l === digit).length),
      );
      expect(card.model).toEqual(set.model);
    }
  });

  it("takes the place of an earlier set once it is complete", async () => {
    const folder = await temporaryFolder();
    await generate(folder);
    const before = await fingerprint(folder);
    const stop = () => {
      throw new Error("stop");
    };
    const stopped = generateSet(
      folder,
      { ...set, isCompressed: true, model: { ...set.model, release } },
      stop,
    );
    await expect(stopped).rejects.toThrow("stop");
    expect(await fingerprint(folder)).toEqual(before);
    await generate(folder, { isCompressed: true });
    expect((await readdir(folder)).toSorted()).toEqual([SET_CARD_FILE, ...setFiles(true)].toSorted());
  });

  it("waits for no other process: a second one is refused", async () => {
    const folder = await temporaryFolder();
    const [first, second] = await Promise.allSettled([generate(folder), generate(folder)]);
    expect([first.status, second.status].toSorted()).toEqual(["fulfilled", "rejected"]);
    const { reason } = [first, second].find(({ status }) => status === "rejected") as PromiseRejectedResult;
    expect(reason.message).toMatch(/^process \d+ is writing .*; wait for it/);
    expect((await readdir(folder)).toSorted()).toEqual([SET_CARD_FILE, ...setFiles(false)].toSorted());
  });

  it("is put in its place by the next process, if its own was killed meanwhile", async () => {
    const [folder, whole] = [await temporaryFolder(), await temporaryFolder()];
    await generate(folder, { isCompressed: true });
    await generate(whole);
    // As if killed after the first file was moved and the earlier set was gone, or before anything was.
    for (const moved of [1, 0]) {
      const partial = join(folder, ".partial");
      await mkdir(partial);
      for (const file of [SET_CARD_FILE, ...setFiles(false)])
        await cp(join(whole, file), join(partial, file));
      if (moved > 0) {
        for (const file of await readdir(folder)) if (file !== ".partial") await rm(join(folder, file));
        await rename(join(partial, setFiles(false)[0]!), join(folder, setFiles(false)[0]!));
      }
      const stop = () => {
        throw new Error("stop");
      };
      const next = { ...set, isCompressed: true, model: { ...set.model, release } };
      await expect(generateSet(folder, next, stop)).rejects.toThrow("stop");
      expect(await fingerprint(folder)).toEqual(await fingerprint(whole));
      await generate(folder, { isCompressed: true });
    }
  });

  it("never replaces data of other origin", async () => {
    const folder = await temporaryFolder();
    const [file] = setFiles(false);
    await writeFile(join(folder, file!), "real");
    const refused = /has train-images.*, and no card.json .* name another folder/;
    await expect(generate(folder)).rejects.toThrow(refused);
    // Nor for a set that was complete and not yet in its place.
    const whole = await temporaryFolder();
    await generate(whole);
    await cp(whole, join(folder, ".partial"), { recursive: true });
    await expect(generate(folder)).rejects.toThrow(refused);
    await rm(join(folder, ".partial"), { recursive: true });
    expect(await readFile(join(folder, file!), "utf8")).toBe("real");
    expect(await readdir(folder)).toEqual([file]);
  });
});

describe("npm run dataset", () => {
  it("with --dry-run refuses what the run would", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, setFiles(false)[0]!), "real");
    const { code, stderr } = await runTrainer(["dataset", "--out", folder, "--publish", "x", "--dry-run"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("no card.json of a generated set")]);
  });

  it("with --dry-run writes nothing", async () => {
    const [folder, store] = [await temporaryFolder(), await temporaryFolder()];
    await generate(folder);
    const before = await fingerprint(folder);
    const { code, stdout } = await runTrainer([
      ...["dataset", "--count", "20", "--seed", "8", "--out", folder],
      ...["--publish", "lesson", "--store", store, "--dry-run"],
    ]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/would put 4 files/)]);
    expect(stdout).toContain(`${folder}: 20 training`);
    expect(await fingerprint(folder)).toEqual(before);
    expect(await readdir(store)).toEqual([]);
  });

  it("writes a set that npm run train takes", { tags: ["slow"] }, async () => {
    const folder = await temporaryFolder();
    const data = join(folder, "data");
    const made = await runTrainer([
      ...["dataset", "--count", "900", "--test", "100", "--seed", "été", "--out", data],
      ...["--digits", "71", "--slant=-5..5", "--weight", "0.9..1.1", "--balance", "uniform"],
    ]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(/900 training and 100 test images by digits@[0-9a-f]{12} from seed "été"/);
    const { counts } = parseSetCard(await readFile(join(data, SET_CARD_FILE)));
    expect(counts.train.flatMap((count, digit) => (count > 0 ? [digit] : []))).toEqual([1, 7]);
    const out = join(folder, "run");
    const trained = await runTrainer([
      ...["train", "--preset", "smoke", "--data", data, "--out", out, "--epochs", "1"],
    ]);
    expect(trained.code, trained.stderr).toBe(0);
    expect((await readConfig(out)).data).toBe(data);
  });

  it.each([
    [["--slant", "40"], "--slant: expected LOW..HIGH, or one number, from -30 to 30 in steps of 1"],
    [["--weight", "1.3..0.8"], "--weight: expected LOW..HIGH, or one number, from 0.7 to 1.6"],
    [["--store", "x"], "--store is of use with --publish only"],
    [["--dry-run"], "--dry-run is of use with --publish only"],
    [["--digits", "7a"], "--digits: expected digits, such as 137"],
    [["--count", "0"], "--count"],
    [["--seed", ""], '--seed: expected a value, found ""'],
    [["--seed", "x".repeat(300)], "the seed of a data set has 1 to"],
  ])("refuses %j", { tags: ["slow"] }, async (args, message) => {
    const out = join(await temporaryFolder(), "data");
    const { code, stderr } = await runTrainer(["dataset", "--out", out, ...args]);
    expect(stderr).toContain(message);
    expect([1, 2]).toContain(code);
    expect(existsSync(out)).toBe(false);
  });
});
