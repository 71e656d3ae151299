// npm run gpu:build says what a Python environment lacks, before it installs anything.

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../folder.ts";
import { runScript } from "../process.ts";

/** A stand-in for Python that prints where TensorFlow lies. */
async function writePython(folder: string, tensorflow: string): Promise<string> {
  const path = join(folder, "python");
  await writeFile(path, `#!/bin/sh\necho "${tensorflow}"\n`);
  await chmod(path, 0o755);
  return path;
}

it.runIf(process.platform === "linux")(
  "refuses an environment without Python, without TensorFlow, or with an old one",
  { tags: ["slow"] },
  async () => {
    const folder = await temporaryFolder();
    const old = join(folder, "tensorflow");
    await mkdir(old);
    const build = async (python: string) => {
      const { code, stderr } = await runScript(["scripts/gpu-build.ts", "--python", python]);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await build(join(folder, "nothing"))).toMatch(
      /^error: --python .*nothing does not run: .*ENOENT\n$/,
    );
    const empty = await build(await writePython(folder, ""));
    expect(empty).toMatch(
      /^error: .*python has no TensorFlow; ".* -m pip install 'tensorflow\[and-cuda\]'" installs/,
    );
    const outdated = await build(await writePython(folder, old));
    expect(outdated).toMatch(/has no libtensorflow_cc\.so\.2, which TensorFlow 2\.12 and newer have\n$/);
  },
);
