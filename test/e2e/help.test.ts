// Every command of package.json that is ours explains itself and refuses what it does not know, before it does anything.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };

interface Failure {
  readonly code: number;
  readonly stderr: string;
}

const run = promisify(execFile);
const commands = Object.entries(packageJson.scripts).flatMap(([name, script]) =>
  script.startsWith("node ") ? [{ name, args: script.split(" ").slice(1) }] : [],
);

const options = { timeout: 120_000, tags: ["slow"] };

describe.concurrent.each(commands)("npm run $name", options, ({ name, args }) => {
  it("has --help", async () => {
    const { stdout } = await run(process.execPath, [...args, "--help"]);
    expect(stdout).toContain(`Usage: npm run ${name} --`);
    expect(stdout).toMatch(/^ {2}--help/m);
  });

  // The trainer's commands share one way of refusing, which command-line.test.ts has.
  it.runIf(args.at(-2) !== "trainer/main.ts")("refuses an unknown option", async () => {
    const { code, stderr } = await run(process.execPath, [...args, "--no-such-option"]).then(
      () => expect.unreachable(),
      (error: Failure) => error,
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: .*--no-such-option.*--help"\n$/)]);
  });
});
