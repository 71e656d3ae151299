// The version of the code that makes a release, for its card.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const DIRTY = "-modified";

export interface CodeVersion {
  /** The commit, with "-modified" if files differ from it; "unknown" outside a repository. */
  readonly revision: string;
  /** Version of the package. */
  readonly trainer: string;
}

export function readCodeVersion(): CodeVersion {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return { revision: revision(), trainer: version };
}

/** Whether both are certainly the same code: modified files may differ in any way. */
export function isSameCode(a: CodeVersion, b: CodeVersion): boolean {
  return a.revision === b.revision && a.trainer === b.trainer && !isDirty(a);
}

/** Whether files differ from the commit. */
export function isDirty({ revision }: Pick<CodeVersion, "revision">): boolean {
  return revision.endsWith(DIRTY);
}

function revision(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    // Bundled models are not code, and change whenever a release is bundled.
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)models");
    return git("rev-parse", "HEAD") + (changed ? DIRTY : "");
  } catch {
    return "unknown";
  }
}
