// npm run gpu:build: compiles the addon of @tensorflow/tfjs-node-gpu against the TensorFlow of a Python environment, whose
// wheels carry the C library and its headers since 2.12. Nothing is downloaded but two npm packages.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as v from "valibot";
import { selectBackend } from "../trainer/backend/registry.ts";
import { TENSORFLOW_PACKAGE, tensorflowVersion } from "../trainer/backend/tensorflow.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { BackendError } from "../trainer/errors.ts";
import { option } from "../trainer/options.ts";

const PACKAGES = [`${TENSORFLOW_PACKAGE}@4.22.0`, "node-api-headers@1.9.0"];
/** The newest Node-API that 4.22.0 knows, after which it names the folder of its addon. */
const NAPI = 8;
const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
/** Prints the folder of TensorFlow without importing it, which takes seconds. */
const FIND =
  "import importlib.util as u; s = u.find_spec('tensorflow'); print(s.submodule_search_locations[0] if s else '')";

await runCommand({
  name: "gpu:build",
  summary:
    "Compile the backends tensorflow and tensorflow-gpu against the TensorFlow of a Python environment (Linux).",
  examples: ["npm run gpu:build -- --python venv/bin/python"],
  fields: {
    python: option(v.string(), "interpreter of the environment with TensorFlow 2.12 or newer", "python3"),
  },
  run: async ({ values: { python } }) => {
    if (process.platform !== "linux") {
      throw new BackendError(
        "only TensorFlow's wheels for Linux hold its C library; on Windows use WSL 2, elsewhere --backend webgpu",
      );
    }
    const tensorflow = tensorflowFolder(python);
    installPackages();
    compileAddon(tensorflow);
    const backend = await selectBackend("auto", ["tensorflow-gpu", "tensorflow"]);
    const sum = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
    if (sum !== 3) throw new BackendError(`TensorFlow ${tensorflowVersion()} computes 1 + 2 = ${sum}`);
    console.log(`TensorFlow ${tensorflowVersion()} trains with --backend ${backend}`);
  },
});

/** @throws BackendError when Python does not run, or its TensorFlow is missing or too old */
function tensorflowFolder(python: string): string {
  const { status, stdout, stderr, error } = spawnSync(python, ["-c", FIND], { encoding: "utf8" });
  if (status !== 0)
    throw new BackendError(`--python ${python} does not run: ${error?.message ?? stderr.trim()}`);
  const folder = stdout.trim();
  if (!folder) {
    throw new BackendError(
      `${python} has no TensorFlow; "${python} -m pip install 'tensorflow[and-cuda]'" installs it for NVIDIA cards, ` +
        "tensorflow-cpu is the one for CPUs",
    );
  }
  const missing = LIBRARIES.find((name) => !existsSync(join(folder, name)));
  if (missing) throw new BackendError(`${folder} has no ${missing}, which TensorFlow 2.12 and newer have`);
  return folder;
}

function installPackages(): void {
  if (PACKAGES.every((name) => existsSync(folderOf(name)))) return;
  // --save-dev, since npm skips a package that is an optional peer; without scripts, since its own downloads another TensorFlow.
  const args = [
    "install",
    "--no-save",
    "--save-dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    ...PACKAGES,
  ];
  execFileSync("npm", args, { stdio: "inherit" });
}

/** Of an installed package. */
function folderOf(spec: string): string {
  return join("node_modules", spec.slice(0, spec.lastIndexOf("@")));
}

function compileAddon(tensorflow: string): void {
  const [addon, headers] = PACKAGES.map(folderOf) as [string, string];
  const sources = readdirSync(join(addon, "binding")).filter((file) => file.endsWith(".cc"));
  const output = join(addon, "lib", `napi-v${NAPI}`, "tfjs_binding.node");
  mkdirSync(dirname(output), { recursive: true });
  const compiler = process.env.CXX ?? "c++";
  const args = [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", `-DNAPI_VERSION=${NAPI}`],
    ...["-isystem", join(headers, "include"), "-isystem", join(tensorflow, "include")],
    ...sources.map((file) => join(addon, "binding", file)),
    ...[
      "-o",
      output,
      `-L${tensorflow}`,
      ...LIBRARIES.map((file) => `-l:${file}`),
      `-Wl,-rpath,${tensorflow}`,
    ],
  ];
  const { status, error } = spawnSync(compiler, args, { stdio: "inherit" });
  if (status !== 0)
    throw new BackendError(
      `${compiler} failed: ${error?.message ?? `exit code ${status}`}; set CXX to a C++17 compiler`,
    );
}
