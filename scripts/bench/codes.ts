// npm run bench:codes: CPU time of a digit of each model in workerd, measured from outside and in turn, to compare
// models with codes and with a Gaussian latent, warm and as an isolate's first request. Linux only: it reads /proc.
// The kept releases are of both kinds; no bundled one has codes.

import * as v from "valibot";
import { KEPT_RELEASES } from "../../test/vectors/frozen-addresses.ts";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { option, wholeNumber } from "../../trainer/options.ts";
import { readReleases, takeTurns, toObjects } from "./harness.ts";
import { bundleWorker, cpuPerRequest, type Isolate, startIsolate } from "./isolate.ts";

const WARM_UP_REQUESTS = 300;
const REQUESTS_PER_ROUND = 100;

await runCommand({
  name: "bench:codes",
  summary: "Time digits of each model in workerd from outside, warm and as the first request. Linux only.",
  examples: ["npm run bench:codes", "npm run bench:codes -- --models models"],
  fields: {
    models: option(v.string(), "folder of releases", KEPT_RELEASES),
    rounds: option(wholeNumber(1), "rounds; the table has their medians", 5),
  },
  run: async ({ values: { models, rounds } }) => {
    const releases = await readReleases(models);
    const names = releases.map(({ card }) => card.name);
    const objects = toObjects(releases, names[0]!);
    const bundle = await bundleWorker("worker/index.ts");
    const cpuMs = (isolate: Isolate, name: string, from: number, count: number) =>
      cpuPerRequest(
        isolate,
        Array.from({ length: count }, (_, i) => `/sample?seed=${from + i}&digit=${i % 10}&model=${name}`),
      );
    const isolate = await startIsolate(bundle, objects, {});
    for (const name of names) await cpuMs(isolate, name, 0, WARM_UP_REQUESTS);
    const warm = await takeTurns("warm", names, rounds, async (name, round) => ({
      ms: await cpuMs(isolate, name, 1000 * (round + 1), REQUESTS_PER_ROUND),
    }));
    await isolate.dispose();
    const first = await takeTurns("first requests", names, rounds, async (name, round) => {
      const fresh = await startIsolate(bundle, objects, {});
      const ms = await cpuMs(fresh, name, round, 1);
      await fresh.dispose();
      return { ms };
    });
    console.log("model       warm, ms CPU  first request, ms CPU");
    for (const name of names) {
      const [warmMs, firstMs] = [warm, first].map((figures) => figures.get(name)!.ms.median.toFixed(2));
      console.log(name.padEnd(12) + warmMs!.padStart(12) + firstMs!.padStart(23));
    }
  },
});
