// npm run build: compiles the AssemblyScript kernels to WebAssembly, and makes the static assets, the client and the
// package, all in build/. `npm ci` runs it.

import { mkdir } from "node:fs/promises";
import asc from "assemblyscript/asc";
import { runCommand } from "../trainer/commands/command-line.ts";
import { buildClient, writeContract } from "./client.ts";
import { writeEmbeddedRelease } from "./embed.ts";
import { buildPackage, writePackagedRelease } from "./package.ts";
import { bundleServer } from "./serve-bundle.ts";
import { writeSite } from "./site/write.ts";

const CONFIGS = ["trainer/backend", "trainer/parallel", "shared/decoder"].map(
  (room) => `${room}/kernels/asconfig.json`,
);

await runCommand({
  name: "build",
  summary: "Compile the kernels, and make the static assets, the client and the package, all in build/.",
  examples: ["npm run build"],
  fields: {},
  run: async () => {
    await mkdir("build", { recursive: true });
    for (const config of CONFIGS) {
      const { stdout, stderr } = process;
      const { error } = await asc.main(["--config", config], { stdout, stderr });
      if (error) throw error;
    }
    await writeEmbeddedRelease();
    await writeContract("build");
    await writeSite("build/assets");
    await buildClient("build/client");
    await writePackagedRelease();
    await buildPackage("build/package");
    await bundleServer("build/serve/serve.js");
  },
});
