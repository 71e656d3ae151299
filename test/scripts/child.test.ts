import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runToEnd } from "../../scripts/child.ts";
import { startScript } from "../process.ts";

test("runs a program to its end", async () => {
  await expect(runToEnd("echo", ["a", "b"], "pipe")).resolves.toBe("a b\n");
  await expect(runToEnd("/bin/false", ["a"])).rejects.toThrow('"false a" failed with exit code 1');
  await expect(runToEnd("no-such-program", [])).rejects.toThrow("cannot run no-such-program: spawn");
});

test("a program does not outlive the script that runs it", async () => {
  const script = join(tmpdir(), `child-${process.pid}.mts`);
  onTestFinished(() => rm(script));
  const child = JSON.stringify(resolve("scripts/child.ts"));
  const minute = 'console.log("begun"); setTimeout(() => {}, 60_000)';
  await writeFile(
    script,
    `const { runToEnd } = await import(${child}); await runToEnd(process.execPath, ["-e", ${JSON.stringify(minute)}]);`,
  );
  const parent = startScript([script]);
  await parent.says("begun");
  parent.child.kill("SIGTERM");
  // Its output closes when the last process that has it ends.
  await expect(parent.ended).resolves.toMatchObject({ code: null });
});
