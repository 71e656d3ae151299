// npm run bench:limits: what requests cost in workerd, measured from outside, beside the cost that the Worker computes before
// it starts them; both in digits of the `cnn` release, measured in the same run. Linux only: it reads /proc.

import { readFile } from "node:fs/promises";
import { encode } from "fast-png";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { CODES_RELEASES } from "../../test/vectors/frozen-addresses.ts";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { option, wholeNumber } from "../../trainer/options.ts";
import { costOf } from "../../worker/api/cost.ts";
import { formatTable } from "../tables.ts";
import { readReleases, takeTurns, toObjects } from "./harness.ts";
import { bundleWorker, type Isolate, startIsolate } from "./isolate.ts";
import { ALLOWED, computeCost, EXAMPLES, LARGEST, LARGEST_PLANES, withModel } from "./requests.ts";

const REQUESTS_PER_ROUND = 10;
const UNIT_DIGITS = 240;

interface Case {
  readonly name: string;
  readonly path: string;
  readonly computed: number;
  readonly body?: Uint8Array<ArrayBuffer>;
}

await runCommand({
  name: "bench:limits",
  summary:
    "Compare the computed costs of requests with measured ones, in digits of the cnn model. Linux only.",
  examples: ["npm run bench:limits", "npm run bench:limits -- --rounds 1"],
  fields: { rounds: option(wholeNumber(1), "rounds; the table has their medians", 5) },
  run: async ({ values: { rounds } }) => {
    const releases = [...(await readReleases()), ...(await readReleases(CODES_RELEASES))];
    const specs = new Map(releases.map(({ card }) => [card.name, card.spec]));
    const byDefault = (await readFile("models/default.txt", "utf8")).trim();
    specs.set("", specs.get(byDefault)!);
    const ours = await startIsolate(
      await bundleWorker("worker/index.ts"),
      toObjects(releases, byDefault),
      {},
    );
    const unit = await startIsolate(
      await bundleWorker("scripts/bench/workers/unit.ts"),
      toObjects(releases, "cnn"),
      {},
    );
    const cases = [...drawn(specs), ...uploads(specs)];
    for (const item of cases) await cpuMs(ours, item, REQUESTS_PER_ROUND);
    const costs = await takeTurns("costs", cases, rounds, async (item) => {
      const before = await unitMs(unit);
      const ms = await cpuMs(ours, item, REQUESTS_PER_ROUND);
      return { units: (2 * ms) / (before + (await unitMs(unit))) };
    });
    await Promise.all([ours.dispose(), unit.dispose()]);
    const rows = [...costs].map(([{ name, computed }, { units }]) => [
      name,
      computed.toFixed(0),
      units.median.toFixed(0),
    ]);
    console.log(formatTable(["request", "computed", "measured"], rows));
  },
});

/** Every documented example, what must fit by each model, and the largest of each route by the default one. */
function drawn(specs: ReadonlyMap<string, ModelSpec>): Case[] {
  const names = [...specs.keys()].filter((name) => name !== "");
  const allowed = names.flatMap((name) => ALLOWED.map((address) => withModel(address, name)));
  return [...new Set([...EXAMPLES, ...allowed, ...LARGEST, ...LARGEST_PLANES])].map((path) => {
    return { name: path, path, computed: computeCost(path, specs) };
  });
}

/** A bar on noise, in several depths, by the default model; the smallest by cnn too. */
function uploads(specs: ReadonlyMap<string, ModelSpec>): Case[] {
  const pictures = [28, 128, 256, 512].flatMap((side) =>
    (
      [
        [1, 8],
        [4, 8],
        [4, 16],
      ] as const
    ).map(([channels, depth]) => ({ side, channels, depth })),
  );
  const caseOf = (model: string, { side, channels, depth }: (typeof pictures)[number]): Case => {
    const most = 2 ** depth - 1;
    const data = new (depth === 16 ? Uint16Array : Uint8Array)(side * side * channels).map((_, i) => {
      if (channels === 4 && i % 4 === 3) return most;
      const x = Math.floor(i / channels) % side;
      const noise = ((i * 2_654_435_761) >>> 8) % (most / 5);
      return x > 0.4 * side && x < 0.6 * side ? most - noise : noise;
    });
    const upload = { pixels: side * side, bytesPerPixel: (channels * depth) / 8 };
    const work = { draws: 0, digits: 2, size: 28, format: "json", upload } as const;
    const path = model ? withModel("/encode", model) : "/encode";
    return {
      name: `POST ${path}, ${side} x ${side} pixels, ${channels} x ${depth} bits`,
      path,
      computed: costOf(specs.get(model)!, work),
      body: new Uint8Array(encode({ width: side, height: side, data, channels, depth })),
    };
  };
  return [caseOf("cnn", pictures[0]!), ...pictures.map((picture) => caseOf("", picture))];
}

/** Of one request. */
async function cpuMs(isolate: Isolate, { path, body }: Pick<Case, "path" | "body">, count: number) {
  const before = isolate.cpuMs();
  const init = body && { method: "POST", headers: { "Content-Type": "image/png" }, body };
  for (let i = 0; i < count; i++) await isolate.fetch(path, init);
  return (isolate.cpuMs() - before) / count;
}

/** Of one digit of `cnn`. */
async function unitMs(isolate: Isolate): Promise<number> {
  const many = await cpuMs(isolate, { path: `/?count=${UNIT_DIGITS}` }, 3);
  return (many - (await cpuMs(isolate, { path: "/?count=0" }, 3))) / UNIT_DIGITS;
}
