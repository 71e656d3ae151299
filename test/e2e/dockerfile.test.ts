// Every instruction of the Dockerfile, carried out in temporary folders: images cannot be built where the tests run.

import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../folder.ts";
import { startServeIn } from "./server.ts";

it("every instruction of the Dockerfile builds or runs the service", { tags: ["slow"] }, async () => {
  const [instructions, ignored] = await Promise.all([readInstructions(), readLines(".dockerignore")]);
  const root = await temporaryFolder();
  /** Folder of each stage's file system, by its name. */
  const stages = new Map<string, string>();
  let stage = "";
  let workdir = "/";
  const within = (path: string) => join(stage, resolve(workdir, path));
  const run: Record<string, (text: string) => Promise<unknown> | unknown> = {
    FROM: async (text) => {
      const [image, , name = "last"] = text.split(" ");
      const { version } = JSON.parse(await readFile("node_modules/node/package.json", "utf8"));
      expect(image).toBe(`node:${version.split(".")[0]}-slim`);
      stage = join(root, name!);
      stages.set(name!, stage);
      workdir = "/";
      await mkdir(stage);
    },
    WORKDIR: async (text) => {
      workdir = text;
      await mkdir(within("."), { recursive: true });
    },
    COPY: async (text) => {
      if (text === ". .") return copyRepository(within("."), ignored);
      const [, name, from, to] = text.match(/^--from=(\w+) (\S+) (\S+)$/)!;
      await cp(join(stages.get(name!)!, from!), within(to!), { recursive: true });
    },
    RUN: async (text) => {
      // Installing takes minutes, and is what the tests themselves begin with: its packages, then its script.
      const installs = text === "npm ci";
      if (installs) await symlink(resolve("node_modules"), within("node_modules"));
      const user = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
      const command = text.replaceAll("/store", within("/store")).replace("chown node ", `chown ${user} `);
      execFileSync("sh", ["-c", installs ? "npm run prepare" : command], { cwd: within("."), stdio: "pipe" });
    },
    // Node's images have it; it may write to the volume alone.
    USER: (text) => expect(text).toBe("node"),
    VOLUME: (text) => expect(text).toBe("/store"),
    EXPOSE: (text) => expect(text).toBe("8787"),
    CMD: async (text) => {
      const [program, script, ...args] = JSON.parse(text) as string[];
      expect([program, script]).toEqual(["node", "build/serve/serve.js"]);
      expect(args).toEqual(["--host", "0.0.0.0", "--store", "/store"]);
      const server = await startServeIn(within("."), "--host", "0.0.0.0", "--store", within("/store"));
      for (const path of ["/", "/health", "/sample?seed=1", "/sample?seed=1&model=mlp"]) {
        expect((await fetch(server.origin + path)).status, path).toBe(200);
      }
      expect(await server.stop("SIGTERM")).toBe(0);
    },
  };
  for (const { name, text } of instructions) {
    expect(Object.keys(run)).toContain(name);
    await run[name]!(text);
  }
  expect(instructions.at(-1)!.name).toBe("CMD");
});

async function readLines(path: string): Promise<string[]> {
  return (await readFile(path, "utf8")).split("\n").filter((line) => line && !line.startsWith("#"));
}

async function readInstructions() {
  return (await readLines("Dockerfile")).map((line) => {
    const [name, ...rest] = line.split(" ");
    return { name: name!, text: rest.join(" ") };
  });
}

/** What is committed, or about to be, without what .dockerignore names. */
async function copyRepository(to: string, ignored: readonly string[]): Promise<void> {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  for (const path of listed.split("\n").filter((path) => path && !ignored.includes(path.split("/")[0]!))) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(path, join(to, path));
  }
}
