// npm run speedrun as a process, with a recipe that takes seconds.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryFolder } from "../folder.ts";

it("npm run speedrun tells how long a recipe took, and that it did not reach the loss", {
  tags: ["slow"],
}, async () => {
  const script = fileURLToPath(new URL("../../scripts/speedrun.ts", import.meta.url));
  const recipe = "--epochs 1 --limit 200 --schedule one-cycle";
  const args = [
    ...["--disable-warning=ExperimentalWarning", script, "--no-plain", "--no-peer", "--backend", "wasm"],
    ...["--runs", await temporaryFolder(), `--try=${recipe}`],
  ];
  const said = execFileSync(process.execPath, args, { encoding: "utf8" });
  expect(said).toMatch(new RegExp(`\\| \`${recipe}\` \\| \\d+ \\| 1.00 \\| \\d+\\.\\d\\d, not reached \\|`));
});
