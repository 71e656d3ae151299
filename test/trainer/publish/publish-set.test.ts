// Publishing a generated data set: a name is given once, objects are never replaced, and what is damaged is refused.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SET_CARD_FILE, setCardKey, setFileKey, setFiles } from "../../../shared/dataset/card.ts";
import { DEFAULT_SET } from "../../../shared/dataset/plan.ts";
import { DigestError } from "../../../shared/errors.ts";
import { fromMemory, openRelease } from "../../../shared/release/open.ts";
import { loadDecodeKernels } from "../../../trainer/backend/decode-kernels.ts";
import { generateSet } from "../../../trainer/data/generate.ts";
import { PublishError } from "../../../trainer/errors.ts";
import { openFolderBucket } from "../../../trainer/publish/folder-bucket.ts";
import { readDefaultRelease } from "../../../trainer/publish/publish.ts";
import { publishSet } from "../../../trainer/publish/publish-set.ts";
import { type Finding, verifySets } from "../../../trainer/publish/verify.ts";
import { temporaryFolder } from "../../folder.ts";

async function generate(seed: string) {
  const { card, files } = await readDefaultRelease();
  const release = await openRelease(card, fromMemory(files), loadDecodeKernels());
  const folder = await temporaryFolder();
  await generateSet(folder, {
    options: { ...DEFAULT_SET, seed },
    sizes: { train: 20, t10k: 10 },
    isCompressed: false,
    model: { name: "digits", version: "0123456789ab", release },
  });
  return folder;
}
const quiet = { dryRun: false, log: () => {} };

describe("publishing a data set", () => {
  it("puts its files under their digests and its card under its name, once", async () => {
    const [folder, other] = [await generate("7"), await generate("8")];
    const bucket = openFolderBucket(await temporaryFolder());
    await publishSet(bucket, folder, "lesson", { ...quiet, dryRun: true });
    expect(await bucket.list("")).toEqual([]);
    await publishSet(bucket, folder, "lesson", quiet);
    await publishSet(bucket, folder, "lesson", quiet);
    await publishSet(bucket, folder, "twin", quiet);
    const keys = (await bucket.list("datasets/")).map(({ key }) => key);
    expect(keys.filter((key) => key.startsWith("datasets/files/"))).toHaveLength(setFiles(false).length);
    const card = await readFile(join(folder, SET_CARD_FILE));
    for (const [file, { sha256 }] of Object.entries<{ sha256: string }>(JSON.parse(card.toString()).files)) {
      const stored = (await bucket.get(setFileKey(sha256)))!.body;
      expect(Buffer.from(stored), file).toEqual(await readFile(join(folder, file)));
    }
    await expect(publishSet(bucket, other, "lesson", quiet)).rejects.toThrow(PublishError);
    expect(Buffer.from((await bucket.get(setCardKey("lesson")))!.body)).toEqual(card);
  });

  it("is verified, each file by its digest", async () => {
    const folder = await generate("7");
    const store = await temporaryFolder();
    const bucket = openFolderBucket(store);
    await publishSet(bucket, folder, "lesson", quiet);
    const verify = async () => {
      const findings: Finding[] = [];
      for await (const finding of verifySets(bucket)) findings.push(finding);
      return findings;
    };
    expect(await verify()).toEqual([
      { of: "/dataset/lesson", message: expect.stringMatching(/^5 objects, \d+ bytes$/), ok: true },
    ]);
    const [damaged, missing] = (await bucket.list("datasets/files/")).map(({ key }) => key);
    await writeFile(join(store, damaged!), "damaged");
    await bucket.delete(missing!);
    const found = await verify();
    expect(found.every(({ ok }) => !ok)).toBe(true);
    expect(found.map(({ message }) => message).toSorted()).toEqual(
      [
        expect.stringMatching(`^${damaged} .* has SHA-256 `),
        expect.stringMatching(`^${missing} is missing$`),
      ].toSorted(),
    );
    const card = (await bucket.get(setCardKey("lesson")))!.body;
    const without = JSON.stringify({ ...JSON.parse(Buffer.from(card).toString()), files: {} });
    await writeFile(join(store, setCardKey("lesson")), without);
    expect(await verify()).toMatchObject([{ ok: false, message: expect.stringContaining("other files") }]);
    await writeFile(join(store, setCardKey("lesson")), "{");
    expect(await verify()).toMatchObject([{ ok: false, message: expect.stringContaining("not JSON") }]);
  });

  it("leaves the name free while a file is damaged", async () => {
    const folder = await generate("7");
    const bucket = openFolderBucket(await temporaryFolder());
    await writeFile(join(folder, "t10k-labels-idx1-ubyte"), "damaged");
    await expect(publishSet(bucket, folder, "lesson", quiet)).rejects.toThrow(DigestError);
    expect(await bucket.get(setCardKey("lesson"))).toBeUndefined();
  });
});
