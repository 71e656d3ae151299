// npm run lines: counts the lines of source by room and folder, and fails if a file is too long.

import { globSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { runCommand } from "../trainer/commands/command-line.ts";

const MAX_LINES = 300;
/** These are to be read whole. */
const SHORTER: Readonly<Record<string, number>> = { "mini/train.ts": 250, "mini/worker.js": 200 };
const LARGE_ROOMS = ["shared", "trainer", "worker"];

await runCommand({
  name: "lines",
  summary: `Count the lines of source by room and folder; fail if a file has more than ${MAX_LINES}.`,
  examples: ["npm run lines"],
  fields: {},
  run: async () => {
    const files = sourceFiles();
    for (const [room, members] of Object.entries(Object.groupBy(files, ({ path }) => path[0]!))) {
      print(room, members!);
      if (!LARGE_ROOMS.includes(room)) continue;
      const inFolders = members!.filter(({ path }) => path.length > 2);
      const folders = Object.groupBy(inFolders, ({ path }) => `  ${path[1]}`);
      for (const [folder, inside] of Object.entries(folders)) print(folder, inside!);
    }
    print("total", files);
    for (const { path, lines } of files) {
      const name = path.join("/");
      const allowed = SHORTER[name] ?? MAX_LINES;
      if (lines <= allowed) continue;
      console.error(
        `${name} has ${lines} lines, at most ${allowed} allowed; ${name in SHORTER ? "shorten" : "split"} it`,
      );
      process.exitCode = 1;
    }
  },
});

function sourceFiles() {
  return globSync("{client,mini,node,package,page,scripts,shared,trainer,worker}/**/*.{js,ts,tsx}")
    .map((path) => ({ path: path.split(sep), lines: readFileSync(path, "utf8").split("\n").length - 1 }))
    .sort((a, b) => (a.path.join() < b.path.join() ? -1 : 1));
}

function print(group: string, members: readonly { readonly lines: number }[]): void {
  const lines = members.reduce((sum, file) => sum + file.lines, 0);
  console.log(
    `${group.padEnd(20)} ${String(members.length).padStart(4)} files ${String(lines).padStart(6)} lines`,
  );
}
