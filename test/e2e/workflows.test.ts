// What GitHub runs: actions that cannot change under us, secrets where they are used, and every gate on every change.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const FOLDER = ".github/workflows";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly "timeout-minutes"?: number; readonly steps: readonly Step[] }>
  >;
}

const workflows = await Promise.all(
  (await readdir(FOLDER)).map(async (file) => {
    const text = await readFile(join(FOLDER, file), "utf8");
    return { file, text, workflow: parse(text) as Workflow };
  }),
);
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

describe.each(workflows)("$file", ({ text, workflow }) => {
  it("pins every action by its whole commit, and says which version that is", () => {
    const used = stepsOf(workflow).flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(0);
    for (const uses of used) {
      expect(uses).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/);
      expect(text).toMatch(new RegExp(`uses: ${uses} # v\\d+\\.\\d+\\.\\d+$`, "m"));
    }
  });

  it("gives secrets to steps that reach the bucket, and to nothing else", () => {
    const mentions = (value: unknown) => JSON.stringify(value)?.split("secrets").length - 1 || 0;
    const bySteps = stepsOf(workflow).map(({ env, ...rest }) => {
      expect(mentions(rest)).toBe(0);
      if (mentions(env) > 0) expect(rest.run).toMatch(/ --remote\b/);
      return mentions(env);
    });
    expect(mentions(workflow)).toBe(bySteps.reduce((sum, count) => sum + count, 0));
  });

  it("may only read the repository, and has a time limit", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const job of Object.values(workflow.jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });
});

it("every push and pull request runs every gate", () => {
  const runs = workflows.filter(
    ({ workflow: { on } }) => Array.isArray(on) && on.includes("push") && on.includes("pull_request"),
  );
  expect(runs.flatMap(({ workflow }) => stepsOf(workflow).flatMap(({ run }) => run ?? []))).toEqual([
    ".ci/run",
  ]);
});
