// npm run bundle:gpu replaces nothing but an earlier bundle.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../folder.ts";
import { runScript } from "../process.ts";

it("npm run bundle:gpu deletes no folder with other files", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "thesis.txt"), "years of work");
  const { code, stderr } = await runScript(["scripts/bundle.ts", "--out", folder]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: .* holds files that are not a bundle's, such as thesis\.txt; choose/),
  ]);
  expect(await readdir(folder)).toEqual(["thesis.txt"]);
  expect(await readFile(join(folder, "thesis.txt"), "utf8")).toBe("years of work");
});
