// Clients that ask for digits all the time, and compare every pixel of every reply with what the reference decoder
// draws by the version that X-Model names.

import { setTimeout as sleep } from "node:timers/promises";
import UPNG from "upng-js";
import type { Weights } from "../../shared/model/weights.ts";
import { expectedPixels, type Fixture, packedWeights } from "../fixture.ts";

const SEEDS = 200;
/** After each reply, so that publishers have a share of a small machine. */
const PAUSE_MS = 50;

export interface Tally {
  requests: number;
  /** Clear 503s before anything was ever loaded. */
  unavailable: number;
  /** Every other reply that is not a right digit: what came instead. */
  readonly wrong: string[];
  /** Replies by version. */
  readonly versions: Map<string, number>;
}

export interface Clients {
  readonly tally: Tally;
  readonly stop: () => Promise<void>;
}

/**
 * Starts clients.
 * @param fixtures  every version that may ever be live, by version; new ones may be added
 * @param mayBeUnavailable  whether nothing may have been loaded yet
 */
export function startClients(
  origin: string,
  fixtures: ReadonlyMap<string, Fixture>,
  count: number,
  mayBeUnavailable: () => boolean,
): Clients {
  const tally: Tally = { requests: 0, unavailable: 0, wrong: [], versions: new Map() };
  /** PNGs whose pixels were found to be right, by version, seed and picture format. */
  const right = new Map<string, Buffer>();
  const weights = new Map<string, Weights>();
  const seen: string[] = [];
  let isStopped = false;
  const expectedOf = (fixture: Fixture, seed: string): Uint8Array => {
    const { version } = fixture;
    if (!weights.has(version)) weights.set(version, packedWeights(fixture));
    return expectedPixels(fixture, seed, weights.get(version)!);
  };

  const ask = async (client: number, i: number): Promise<void> => {
    // Moving names mostly; pinned ones that were served before; random seeds.
    const kind = (client + i) % 10;
    const query = new URLSearchParams();
    if (kind !== 9) query.set("seed", `seed ${(client * 7919 + i) % SEEDS}`);
    // The Worker has room for a few versions: the last two are in memory, whatever the bucket does meanwhile.
    const pinned = kind === 8 ? seen.at(-1 - (i % 2)) : undefined;
    if (pinned) query.set("model", pinned);
    const response = await fetch(`${origin}/sample?${query}`);
    const body = Buffer.from(await response.arrayBuffer());
    tally.requests++;
    if (response.status === 503 && mayBeUnavailable()) {
      tally.unavailable++;
      return;
    }
    const model = response.headers.get("X-Model");
    const fixture = fixtures.get(model?.split("@")[1] ?? "");
    if (response.status !== 200 || !fixture || (pinned && model !== pinned)) {
      tally.wrong.push(`${query}: ${response.status} ${model} ${body.subarray(0, 200)}`);
      return;
    }
    const seed = query.get("seed") ?? response.headers.get("X-Seed")!;
    // A pinned address without a number draws picture format 1, whose files differ from the current one's.
    const key = `${fixture.version} ${seed} ${pinned ? "format 1" : "current"}`;
    const known = right.get(key);
    const isRight = known ? known.equals(body) : hasPixels(body, expectedOf(fixture, seed));
    if (!isRight) {
      tally.wrong.push(`${query}: ${model} draws other pixels than its weights say`);
      return;
    }
    if (!known && kind !== 9) right.set(key, body);
    if (!tally.versions.has(model!)) seen.push(model!);
    tally.versions.set(model!, (tally.versions.get(model!) ?? 0) + 1);
  };

  const run = async (client: number) => {
    for (let i = 0; !isStopped; i++) {
      try {
        await ask(client, i);
      } catch (error) {
        tally.wrong.push(String(error));
      }
      await sleep(PAUSE_MS);
    }
  };
  const running = Promise.all(Array.from({ length: count }, (_, client) => run(client)));
  return {
    tally,
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

/** By a reader of PNGs that is not ours. */
function hasPixels(png: Buffer, expected: Uint8Array): boolean {
  const image = UPNG.decode(new Uint8Array(png).buffer);
  const grey = new Uint8Array(UPNG.toRGBA8(image)[0]!).filter((_, i) => i % 4 === 0);
  return grey.length === expected.length && grey.every((value, i) => value === expected[i]);
}
