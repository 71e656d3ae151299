// npm run bench:codes: what a digit of a model with codes costs in workerd, in CPU time measured from outside, beside one
// of a model with a Gaussian latent, in turn; and the first request of an isolate. Linux only: it reads /proc.

import * as v from "valibot";
import { CATALOG_KEY, CATALOG_SCHEMA } from "../../shared/release/catalog.ts";
import { releaseKey, stringifyJson, versionOf } from "../../shared/release/release.ts";
import { option } from "../../trainer/options.ts";
import { listReleaseFolders, readReleaseFolder } from "../../trainer/publish/publish.ts";
import { readOptions } from "../options.ts";
import { bundleWorker, type Isolate, startIsolate } from "./isolate.ts";

const { models: root } = await readOptions({
  name: "bench:codes",
  summary: "Time digits of each model in workerd from outside, warm and as the first request. Linux only.",
  examples: ["npm run bench:codes", "npm run bench:codes -- --models models"],
  fields: { models: option(v.string(), "folder of releases", "models") },
});

const ROUNDS = 5;
const WARM_UP_REQUESTS = 300;
const REQUESTS_PER_ROUND = 100;
const FIRST_REQUESTS = 5;

const objects = new Map<string, Uint8Array>();
const models: Record<string, unknown> = {};
for (const folder of await listReleaseFolders(root)) {
  const { card, cardBytes, cardSha256, files } = await readReleaseFolder(folder);
  const version = versionOf(cardSha256);
  for (const [file, body] of [...files, ["card.json", cardBytes] as const]) {
    objects.set(releaseKey(card.name, version, file), body);
  }
  const published = { version, sha256: cardSha256, publishedAt: "2026-01-01T00:00:00.000Z" };
  models[card.name] = { stable: version, canary: null, history: [published] };
}
const names = Object.keys(models);
objects.set(CATALOG_KEY, stringifyJson({ schema: CATALOG_SCHEMA, default: names[0], models }));

const bundle = await bundleWorker("worker/index.ts");
const start = () => startIsolate(bundle, objects, {});
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function cpuPerRequest(isolate: Isolate, name: string, from: number, count: number): Promise<number> {
  const before = isolate.cpuMs();
  for (let i = 0; i < count; i++)
    await isolate.fetch(`/sample?seed=${from + i}&digit=${i % 10}&model=${name}`);
  return (isolate.cpuMs() - before) / count;
}

const warm = new Map(names.map((name) => [name, [] as number[]]));
const first = new Map(names.map((name) => [name, [] as number[]]));
const isolate = await start();
for (const name of names) await cpuPerRequest(isolate, name, 0, WARM_UP_REQUESTS);
for (let round = 1; round <= ROUNDS; round++) {
  for (const name of names) {
    warm.get(name)!.push(await cpuPerRequest(isolate, name, round * 1000, REQUESTS_PER_ROUND));
  }
}
await isolate.dispose();
for (let round = 0; round < FIRST_REQUESTS; round++) {
  for (const name of names) {
    const fresh = await start();
    first.get(name)!.push(await cpuPerRequest(fresh, name, round, 1));
    await fresh.dispose();
  }
}
console.log("model       warm, ms CPU  first request, ms CPU");
for (const name of names) {
  const figures = [median(warm.get(name)!).toFixed(2), median(first.get(name)!).toFixed(2)];
  console.log(name.padEnd(12) + figures[0]!.padStart(12) + figures[1]!.padStart(23));
}
