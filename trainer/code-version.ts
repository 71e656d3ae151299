// Which code makes a release, as its card says.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const DIRTY = "-modified";

export interface CodeVersion {
  /** The commit, with "-modified" when files differ from it; "unknown" outside of a repository. */
  readonly revision: string;
  /** Version of the package. */
  readonly trainer: string;
}

export function readCodeVersion(): CodeVersion {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return { revision: revision(), trainer: version };
}

/** Whether the two are one code for certain: files that differ from a commit may differ in any way. */
export function isSameCode(a: CodeVersion, b: CodeVersion): boolean {
  return a.revision === b.revision && a.trainer === b.trainer && !a.revision.endsWith(DIRTY);
}

function revision(): string {
  const args = ["describe", "--always", "--abbrev=40", `--dirty=${DIRTY}`, "--exclude=*"];
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}
