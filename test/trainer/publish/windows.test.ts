// Publishing as on Windows, where paths are joined and listed with backslashes.

import * as path from "node:path";
import { expect, it, vi } from "vitest";
import { CATALOG_KEY, parseCatalog } from "../../../shared/release/catalog.ts";
import { listReleaseFolders, publishMissing } from "../../../trainer/publish/publish.ts";
import { openS3Bucket } from "../../../trainer/publish/s3-bucket.ts";
import { startFakeS3 } from "./fake-s3.ts";

vi.mock("node:path", async (original) => (await original<typeof path>()).win32);
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return { ...fs, existsSync: (file: string) => fs.existsSync(file.replaceAll("\\", "/")) };
});
vi.mock("node:fs/promises", async (original) => {
  const fs = await original<typeof import("node:fs/promises")>();
  return {
    ...fs,
    readFile: (file: string, ...rest: []) => fs.readFile(file.replaceAll("\\", "/"), ...rest),
    readdir: async (folder: string, options: { recursive: true }) => {
      const entries = await fs.readdir(folder, { ...options, withFileTypes: true });
      return entries.map(({ name, parentPath }) => {
        const entry = { name, parentPath: path.win32.normalize(parentPath) };
        return "withFileTypes" in options
          ? entry
          : path.win32.join(path.win32.relative(folder, entry.parentPath), name);
      });
    },
  };
});

it("publishes the bundled models under keys with slashes, the default among them", async () => {
  expect(await listReleaseFolders("models")).toContainEqual(expect.stringMatching(/^models\\\w+\\\w{12}$/));
  const { access, objects } = await startFakeS3();
  await publishMissing(openS3Bucket(access), "models", { now: new Date() });
  const catalog = parseCatalog(objects.get(CATALOG_KEY)!.body);
  expect(catalog.default).toBe("digits");
  for (const [name, { stable }] of Object.entries(catalog.models)) {
    expect(objects.has(`models/${name}/${stable}/card.json`)).toBe(true);
  }
});
