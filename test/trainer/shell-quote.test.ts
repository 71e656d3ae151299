// What is printed for people to paste, read back by a shell.

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { quotePath } from "../../trainer/shell-quote.ts";

it.each([
  ["runs/cnn", "runs/cnn"],
  ["runs/my run", "runs/my run"],
  ["it's", "it's"],
  ['a "b" $HOME `id` \\ !', 'a "b" $HOME `id` \\ !'],
  ["a*?[b]", "a*?[b]"],
  ["~", "~"],
  ["#1", "#1"],
  ["a\nb", "a\nb"],
  ["", ""],
  ["-x", "./-x"],
  ["--out dir", "./--out dir"],
])("a folder called %j is one argument and not an option", (path, argument) => {
  const shell = execFileSync("sh", ["-c", `printf %s ${quotePath(path)}`], { encoding: "utf8" });
  expect(shell).toBe(argument);
});
