import type { PathLike } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { replaceFile } from "../../../trainer/train/replace-file.ts";
import { temporaryFolder } from "../../folder.ts";
import { runScript } from "../../process.ts";

const calls: string[] = [];
vi.mock(import("node:fs/promises"), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const sync = handle.sync.bind(handle);
      handle.sync = async () => {
        calls.push(`sync ${basename(String(args[0]))}`);
        await sync();
      };
      return handle;
    },
    rename: async (from: PathLike, to: PathLike) => {
      calls.push(`rename to ${basename(String(to))}`);
      await real.rename(from, to);
    },
  };
});

describe("a file that is replaced", () => {
  beforeEach(() => void calls.splice(0));

  it("is flushed, renamed, and the rename is flushed too", async () => {
    const folder = await temporaryFolder();
    await replaceFile(join(folder, "x"), "content");
    expect(await readFile(join(folder, "x"), "utf8")).toBe("content");
    expect(await readdir(folder)).toEqual(["x"]);
    expect(calls).toEqual([
      `sync x.${process.pid}.partial`,
      "rename to x",
      ...(process.platform === "win32" ? [] : [`sync ${basename(folder)}`]),
    ]);
  });

  it("leaves nothing behind on failure, and does not touch another process's temporary file", async () => {
    const folder = await temporaryFolder();
    // What another process has begun.
    await mkdir(join(folder, "x.partial"));
    await mkdir(join(folder, "x"));
    await expect(replaceFile(join(folder, "x"), "content")).rejects.toThrow(/EISDIR|EPERM|ENOTEMPTY/);
    expect((await readdir(folder)).toSorted()).toEqual(["x", "x.partial"]);
  });

  it("leaves nothing behind when its process exits meanwhile", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "x"), "old");
    const script = join(folder, "script.ts");
    const source = new URL("../../../trainer/train/replace-file.ts", import.meta.url);
    await writeFile(
      script,
      `import { existsSync } from "node:fs";
      import { partialSuffix, replaceFile } from ${JSON.stringify(source)};
      const path = ${JSON.stringify(join(folder, "x"))};
      void replaceFile(path, "new".repeat(10_000_000));
      setInterval(() => existsSync(path + partialSuffix(process.pid)) && process.exit(130), 0);`,
    );
    expect((await runScript([script])).code).toBe(130);
    expect((await readdir(folder)).toSorted()).toEqual(["script.ts", "x"]);
    expect(await readFile(join(folder, "x"), "utf8")).toBe("old");
  });
});
