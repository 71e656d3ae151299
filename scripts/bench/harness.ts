// What the benches share: cases that take turns, medians with quartiles, and the bundled releases.

import { CATALOG_KEY, CATALOG_SCHEMA } from "../../shared/release/catalog.ts";
import { CARD_FILE, releaseKey, stringifyJson, versionOf } from "../../shared/release/release.ts";
import { UsageError } from "../../trainer/errors.ts";
import { listReleaseFolders, readReleaseFolder } from "../../trainer/publish/publish.ts";

export interface Spread {
  readonly median: number;
  readonly quartiles: readonly [number, number];
}

/**
 * Measures all cases once per round, so that other load on the machine affects all of them.
 * @param measure  figures of one case, by name
 */
export async function takeTurns<C, Name extends string>(
  what: string,
  cases: readonly C[],
  rounds: number,
  measure: (item: C, round: number) => Record<Name, number> | Promise<Record<Name, number>>,
): Promise<Map<C, Record<Name, Spread>>> {
  const found = new Map(cases.map((item) => [item, [] as Record<Name, number>[]]));
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`${what}, round ${round + 1} of ${rounds}\n`);
    for (const item of cases) found.get(item)!.push(await measure(item, round));
  }
  const spreadOf = (figures: readonly Record<Name, number>[]) =>
    Object.fromEntries(
      Object.keys(figures[0]!).map((name) => [name, spread(figures.map((each) => each[name as Name]))]),
    ) as Record<Name, Spread>;
  return new Map([...found].map(([item, figures]) => [item, spreadOf(figures)]));
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (quantile: number) => sorted[Math.round(quantile * (sorted.length - 1))]!;
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
}

/** Microseconds per call, over as many calls as fit in the time. */
export function timeCalls(call: () => unknown, leastMs: number): number {
  const start = performance.now();
  let calls = 0;
  do {
    call();
    calls++;
  } while (performance.now() - start < leastMs);
  return (1000 * (performance.now() - start)) / calls;
}

/** Median (lower to upper quartile). */
export function formatSpread({ median, quartiles }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${quartiles.map((value) => value.toFixed(digits)).join("-")})`;
}

/** Every release below a folder, verified. */
export async function readReleases(root = "models") {
  return Promise.all((await listReleaseFolders(root)).map(readReleaseFolder));
}

/** @throws UsageError if no bundled model has the name */
export async function readBundled(name: string) {
  const release = (await readReleases()).find(({ card }) => card.name === name);
  if (!release) throw new UsageError(`no bundled model "${name}"`);
  return release;
}

/** Releases as the objects of a bucket, with a catalog in which all are live. */
export function toObjects(releases: Awaited<ReturnType<typeof readReleases>>, defaultModel: string) {
  const objects = new Map<string, Uint8Array>();
  const models: Record<string, unknown> = {};
  for (const { card, cardBytes, cardSha256, files } of releases) {
    const version = versionOf(cardSha256);
    for (const [file, body] of [...files, [CARD_FILE, cardBytes] as const]) {
      objects.set(releaseKey(card.name, version, file), body);
    }
    const published = { version, sha256: cardSha256, publishedAt: "2026-01-01T00:00:00.000Z" };
    models[card.name] = { stable: version, canary: null, history: [published] };
  }
  objects.set(CATALOG_KEY, stringifyJson({ schema: CATALOG_SCHEMA, default: defaultModel, models }));
  return objects;
}
