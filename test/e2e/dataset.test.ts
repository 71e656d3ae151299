// A published data set from end to end: npm run dataset puts it into the store that npm run serve sends it from.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../folder.ts";
import { runTrainer } from "../process.ts";
import { startServe } from "./server.ts";

it("a published data set is sent from serve's folder, whole and in ranges", { tags: ["slow"] }, async () => {
  const folder = await temporaryFolder();
  const [out, store] = [join(folder, "data"), join(folder, "store")];
  const made = await runTrainer([
    ...["dataset", "--count", "500", "--seed", "7", "--out", out, "--gzip"],
    ...["--publish", "lesson", "--store", store],
  ]);
  expect(made.code, made.stderr).toBe(0);
  expect(made.stdout).toContain("published as /dataset/lesson/");
  const server = await startServe("--store", store);
  try {
    const address = `${server.origin}/dataset/lesson/train-images-idx3-ubyte.gz`;
    const whole = await readFile(join(out, "train-images-idx3-ubyte.gz"));
    const reply = await fetch(address);
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(whole);
    const part = await fetch(address, { headers: { Range: "bytes=1000-1999" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(1000, 2000));
    const card = await fetch(`${server.origin}/dataset/lesson/card.json`);
    expect(await card.text()).toBe(await readFile(join(out, "card.json"), "utf8"));
    expect((await fetch(`${server.origin}/dataset/other/card.json`)).status).toBe(404);
    const drawn = await fetch(`${server.origin}/dataset/7/train-images-idx3-ubyte?count=500`);
    expect((await drawn.arrayBuffer()).byteLength).toBe(16 + 500 * 784);
  } finally {
    await server.stop();
  }
});
