// One trainer per folder, and what happens when a trainer is interrupted or killed; by real processes.

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { lockFolder } from "../../../trainer/train/run-lock.ts";
import { fingerprint, temporaryFolder } from "../../folder.ts";
import { runTrainer, startTrainer } from "../../process.ts";
import { DATA } from "../smoke-run.ts";

const LONG = ["--preset", "smoke", "--backend", "wasm", "--limit", "300", "--batch-size", "32", ...DATA];
const start = (out: string, ...args: string[]) =>
  startTrainer(["train", ...LONG, "--epochs", "10000", "--out", out, ...args]);
const lockOf = (out: string) => join(out, "train.lock");

describe("a folder that is being trained", () => {
  it("is refused to a second trainer in one line, and free after Ctrl-C, which says how to continue", async () => {
    const out = join(await temporaryFolder(), "a run's");
    const first = start(out);
    await first.says("epoch     1/10000");
    expect(await readFile(lockOf(out), "utf8")).toBe(`${first.child.pid}\n`);
    const second = await runTrainer(["train", "--resume", "--out", out]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(`^error: process ${first.child.pid} is writing .*a run's; wait.*\\n$`),
    );
    first.child.kill("SIGINT");
    const { code, stderr } = await first.ended;
    expect(code).toBe(130);
    const quoted = `'${out.replaceAll("'", "'\\''")}'`;
    expect(stderr).toContain(
      `"npm run train -- --out ${quoted} --resume" continues from the last complete epoch`,
    );
    expect(existsSync(lockOf(out))).toBe(false);
  });

  it("is taken over from a trainer that was killed, and ends with the weights of an unbroken run", {
    tags: ["slow"],
  }, async () => {
    const [broken, whole] = [await temporaryFolder(), await temporaryFolder()];
    const options = [...LONG, "--epochs", "6", "--schedule", "cosine", "--patience", "6"];
    const first = startTrainer(["train", ...options, "--out", broken]);
    await first.says("epoch 2/6");
    first.child.kill("SIGKILL");
    await first.ended;
    expect(existsSync(lockOf(broken))).toBe(true);
    const partial = join(broken, "epochs", `002-samples.png.${first.child.pid}.partial`);
    await writeFile(partial, "half a picture");
    const resumed = await runTrainer(["train", "--resume", "--backend", "wasm", "--out", broken]);
    expect(resumed).toMatchObject({ code: 0 });
    expect(existsSync(partial)).toBe(false);
    expect((await runTrainer(["train", ...options, "--out", whole])).code).toBe(0);
    const tensorsOf = async (out: string) => (await readCheckpoint(join(out, "checkpoint.bin"))).tensors;
    expect(await tensorsOf(broken)).toEqual(await tensorsOf(whole));
    expect(Object.keys(await fingerprint(broken))).toEqual(Object.keys(await fingerprint(whole)));
  });

  it("before its first complete epoch has nothing to resume, and Ctrl-C says so", {
    tags: ["slow"],
  }, async () => {
    const out = await temporaryFolder();
    const first = startTrainer(["train", "--preset", "cnn", "--backend", "wasm", "--out", out]);
    await first.says('"backend":"wasm"');
    first.child.kill("SIGINT");
    const { code, stderr } = await first.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("the same command starts it again");
    expect(stderr).not.toContain("--resume");
  });
});

describe("the lock of a folder", () => {
  it("is given to one of many simultaneous trainers", async () => {
    const out = join(await temporaryFolder(), "run");
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(out)));
    const given = asked.filter((result) => result.status === "fulfilled");
    expect(given).toHaveLength(1);
    await given[0]!.value();
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ["of a dead process", "2147483646\n"],
    ["that was never finished", ""],
    ["that says nothing", "nobody\n"],
    ["with this process's id from before a restart", `${process.pid}\n`],
  ])("%s is taken over", async (_, text) => {
    const out = await temporaryFolder();
    await mkdir(out, { recursive: true });
    await writeFile(lockOf(out), text);
    const unlock = await lockFolder(out);
    expect(await readFile(lockOf(out), "utf8")).toBe(`${process.pid}\n`);
    await unlock();
    expect(existsSync(lockOf(out))).toBe(false);
    expect(existsSync(out)).toBe(true);
  });
});
