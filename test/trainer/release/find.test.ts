// Which of a run's releases stands for it.

import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CARD_FILE, type Card, sha256, stringifyJson, versionOf } from "../../../shared/release/release.ts";
import { findRelease } from "../../../trainer/release/find.ts";
import { makeRelease } from "../../fixture.ts";
import { temporaryFolder } from "../../folder.ts";
import { smokeConfig } from "../smoke-run.ts";

const fixture = await makeRelease("smoke", "run-release");
const code = { revision: "a".repeat(40), trainer: "1.0.0" };

/** Puts a release into the run folder, made by some code at some hour of a day. */
async function put(run: string, source: Partial<Card["source"]>, hour: number): Promise<string> {
  const card = stringifyJson({ ...fixture.card, source: { ...fixture.card.source, ...source } });
  const version = versionOf(await sha256(card));
  const folder = join(run, "release", version);
  await mkdir(folder, { recursive: true });
  for (const [file, body] of [...fixture.files, [CARD_FILE, card] as const]) {
    await writeFile(join(folder, file), body);
  }
  const time = Date.UTC(2026, 0, 1, hour) / 1000;
  await utimes(join(folder, CARD_FILE), time, time);
  return version;
}

const find = async (run: string, present = code) => {
  const { history } = fixture.card;
  const release = await findRelease({ folder: run, config: smokeConfig, history, stages: {} }, present);
  return release && versionOf(release.cardSha256);
};

it("the newest by the same code is used for a run, whatever their digests", async () => {
  // Several, so that the newest is not the first by its digest as well.
  const run = await temporaryFolder();
  const versions: string[] = [];
  for (let hour = 0; hour < 6; hour++) {
    versions.push(await put(run, { ...code, wallSeconds: hour + 1 }, hour));
    expect(await find(run)).toBe(versions[hour]);
  }
  expect(versions.toSorted()).not.toEqual(versions);
});

it("one by other code is not, nor one by uncommitted code", async () => {
  const run = await temporaryFolder();
  await put(run, { ...code, revision: "b".repeat(40) }, 2);
  await put(run, { ...code, trainer: "0.9.0" }, 3);
  expect(await find(run)).toBeUndefined();
  const dirty = { ...code, revision: `${code.revision}-modified` };
  await put(run, dirty, 4);
  expect(await find(run, dirty)).toBeUndefined();
  const version = await put(run, code, 1);
  expect(await find(run)).toBe(version);
});
