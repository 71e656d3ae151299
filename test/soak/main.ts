// npm run soak: publishes, canaries, promotes and rolls back in a loop while clients read, kills publishers, breaks the
// catalog, releases and the bucket itself, and compares every pixel of every reply. Fails when one is wrong, or when
// memory grows.

import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { CATALOG_KEY } from "../../shared/release/catalog.ts";
import { defineCommand, runCommand } from "../../trainer/commands/command-line.ts";
import { PublishError } from "../../trainer/errors.ts";
import { option, wholeNumber } from "../../trainer/options.ts";
import { promote, rollBack, withdraw } from "../../trainer/publish/catalog-changes.ts";
import { changePublished } from "../../trainer/publish/catalog-swap.ts";
import { prune } from "../../trainer/publish/prune.ts";
import { publishRelease } from "../../trainer/publish/publish.ts";
import { verifyCatalog } from "../../trainer/publish/verify.ts";
import { type Fixture, makeRelease } from "../fixture.ts";
import { startClients } from "./clients.ts";
import {
  damagesOf,
  publishAndDie,
  READ_FILES,
  readPresent,
  withDamagedCatalog,
  withDamagedRelease,
} from "./faults.ts";
import { type BucketFault, type SoakServer, startSoakServer } from "./server.ts";

/** Longer than the Worker goes without a look at the catalog. */
const SEEN_MS = 1100;
/** Growth of the isolate's memory from the first third of the soak to the last one. */
const MAX_GROWTH_MIB = 4;
/** Steps that count what they do by themselves. */
const FAULTS = ["catalog damaged", "release damaged", "bucket fault"];
const BUCKET_FAULTS: readonly BucketFault[] = ["fails", "hangs", "slow"];

const soakCommand = defineCommand({
  name: "soak",
  summary: "Publish in a loop under load with faults, and check every pixel that is served.",
  examples: ["npm run soak", "npm run soak -- --minutes 10 --clients 100"],
  fields: {
    minutes: option(v.pipe(v.number(), v.gtValue(0)), "how long", 3),
    clients: option(wholeNumber(1), "concurrent clients", 50),
  },
  run: async ({ values: { minutes, clients } }) => {
    const server = await startSoakServer();
    try {
      await soak(server, minutes, clients);
    } finally {
      await server.dispose();
    }
  },
});

async function soak(server: SoakServer, minutes: number, clientCount: number): Promise<void> {
  const { bucket } = server;
  const fixtures = new Map<string, Fixture>();
  let made = 0;
  const makeNext = async () => {
    const fixture = await makeRelease("digits", `soak ${made++}`);
    fixtures.set(fixture.version, fixture);
    return { fixture, folder: await server.writeFolder(fixture) };
  };
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const publishNext = async (how: "always" | number) =>
    publishRelease(bucket, (await makeNext()).folder, { promote: how, now: new Date() });
  const change = (edit: Parameters<typeof changePublished>[1]) => changePublished(bucket, edit, {});

  // One fault or command after the other; each is followed by a time in which the Worker sees it.
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const seen = () => sleep(SEEN_MS);
  const steps: Record<string, (round: number) => Promise<void>> = {
    release: () => publishNext("always"),
    "release --canary": () => publishNext(25),
    "promote --canary": () => change((c) => promote(c, { name: "digits" }, 60, new Date())),
    promote: () => change((c) => promote(c, { name: "digits" }, undefined, new Date())),
    rollback: () => change((c) => rollBack(c, "digits", undefined, new Date())),
    "fault: publisher killed": async (round) => {
      const { folder, fixture } = await makeNext();
      // Six writes: five objects and the catalog; each before and after.
      const writes = fixture.files.size + 1;
      const when = round % 2 === 0 ? "before" : "after";
      await publishAndDie(server, folder, Math.floor(round / 2) % writes, when);
      await seen();
      await publishRelease(bucket, folder, { promote: "always", now: new Date() });
    },
    "fault: two publishers at once": async () => {
      await Promise.all([publishNext("always"), publishNext("always")]);
    },
    "catalog damaged": async (round) => {
      const damages = damagesOf(CATALOG_KEY);
      for (const i of [2 * round, 2 * round + 1]) {
        const damage = damages[i % damages.length]!;
        await withDamagedCatalog(bucket, damage, seen);
        count(`fault: ${CATALOG_KEY} ${damage}`);
      }
    },
    "release damaged": async (round) => {
      for (const file of READ_FILES) {
        const damages = damagesOf(file);
        const damage = damages[round % damages.length]!;
        await withDamagedRelease(bucket, (await makeNext()).fixture, file, damage, seen);
        await seen();
        count(`fault: ${file} ${damage}`);
      }
    },
    "bucket fault": async (round) => {
      const fault = BUCKET_FAULTS[round % BUCKET_FAULTS.length]!;
      await server.setFault(fault);
      await publishNext("always");
      await seen();
      await server.setFault("none");
      count(`fault: bucket ${fault}`);
    },
    "withdraw and prune": async () => {
      const { history, stable, canary } = (await readPresent(bucket)).models.digits!;
      const oldest = history.find(
        (item) => !item.withdrawn && ![stable, canary?.version].includes(item.version),
      );
      // The Worker keeps all versions of a soak in memory, and clients go on asking for them by version.
      if (oldest && oldest.version === neverLive.version) {
        await change((c) => withdraw(c, { name: "digits", version: oldest.version }, "soak", new Date()));
      }
      await prune(bucket, { now: () => new Date(), olderThanMinutes: 0 });
    },
  };

  // A version that is never served, to be withdrawn; then the first that is served.
  const neverLive = (await makeNext()).fixture;
  await publishRelease(bucket, await server.writeFolder(neverLive), { promote: "always", now: new Date() });
  await publishNext("always");
  fixtures.delete(neverLive.version);

  let isLoaded = false;
  const { tally, stop } = startClients(server.origin, fixtures, clientCount, () => !isLoaded);
  const memory: number[] = [];
  const begun = Date.now();
  const deadline = begun + minutes * 60_000;
  await seen();
  isLoaded = true;
  for (let round = 0; Date.now() < deadline; round++) {
    for (const [name, step] of Object.entries(steps)) {
      if (Date.now() >= deadline) break;
      await step(round);
      if (!FAULTS.includes(name)) count(name);
      await seen();
      memory.push(await server.heapMiB());
    }
    log(
      `${Math.round((Date.now() - begun) / 1000)} s: ${tally.requests} requests, ${tally.wrong.length} wrong`,
    );
  }
  await stop();

  // What is left in the bucket must be right too.
  let broken = 0;
  for await (const { ok } of verifyCatalog(bucket, await readPresent(bucket))) if (!ok) broken++;
  const third = (index: number) => {
    const size = Math.max(1, Math.floor(memory.length / 3));
    return Math.min(...memory.slice(index * size, (index + 1) * size));
  };
  console.log(`requests            ${tally.requests} by ${clientCount} clients in ${minutes} minutes`);
  console.log(`versions served     ${tally.versions.size}`);
  const faults = [...counts].reduce((sum, [what, times]) => sum + (what.startsWith("fault") ? times : 0), 0);
  console.log(`faults injected     ${faults}`);
  console.log(`wrong replies       ${tally.wrong.length}`);
  for (const wrong of tally.wrong.slice(0, 10)) console.log(`  ${wrong}`);
  console.log(`clear 503s at first ${tally.unavailable}`);
  console.log(`wrong in the bucket ${broken}`);
  const thirds = [third(0), third(1), third(2)];
  console.log(`isolate's heap, MiB ${thirds.map((mib) => mib.toFixed(1)).join(", ")} (least of each third)`);
  for (const [what, times] of counts) console.log(`  ${String(times).padStart(4)}  ${what}`);
  const growth = third(2) - third(0);
  if (tally.wrong.length > 0 || broken > 0) throw new PublishError("the soak found wrong replies or objects");
  if (growth > MAX_GROWTH_MIB) throw new PublishError(`memory grew by ${growth.toFixed(1)} MiB`);
}

await runCommand(soakCommand, process.argv.slice(2));
process.exit();
