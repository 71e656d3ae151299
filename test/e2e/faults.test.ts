// A real server while its bucket is filled, broken and mended, and publishers are killed: fifty clients compare every pixel.
// The long form of this is npm run soak.

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { promote, rollBack } from "../../trainer/publish/catalog-changes.ts";
import { changePublished } from "../../trainer/publish/catalog-swap.ts";
import { publishRelease } from "../../trainer/publish/publish.ts";
import { verifyCatalog } from "../../trainer/publish/verify.ts";
import { type Fixture, makeRelease } from "../fixture.ts";
import { type Clients, startClients } from "../soak/clients.ts";
import { publishAndDie, readPresent, withDamagedCatalog, withDamagedRelease } from "../soak/faults.ts";
import { type SoakServer, startSoakServer } from "../soak/server.ts";

/** Longer than this server goes without a look at the catalog. */
const SEEN_MS = 1300;

let server: SoakServer;
let clients: Clients;
const fixtures = new Map<string, Fixture>();
let isPublished = false;
let made = 0;
beforeAll(async () => {
  server = await startSoakServer();
  clients = startClients(server.origin, fixtures, 50, () => !isPublished);
});
afterAll(async () => {
  await clients?.stop();
  await server?.dispose();
});

const makeNext = async () => {
  const fixture = await makeRelease("digits", String(made++));
  fixtures.set(fixture.version, fixture);
  return { fixture, folder: await server.writeFolder(fixture) };
};
const publishNext = async (how: "always" | number) => {
  const { fixture, folder } = await makeNext();
  await publishRelease(server.bucket, folder, { promote: how, now: new Date() });
  return fixture;
};
const seen = () => sleep(SEEN_MS);
/** Versions of the next few hundred replies. */
async function versionsServed(): Promise<string[]> {
  const { tally } = clients;
  const before = new Map(tally.versions);
  const [requests] = [tally.requests];
  while (tally.requests < requests + 200) await sleep(20);
  return [...tally.versions]
    .filter(([model, count]) => count > (before.get(model) ?? 0))
    .map(([model]) => model);
}

describe("fifty clients", { tags: ["slow"] }, () => {
  it("get a clear error while nothing is published, and are served as soon as something is", async () => {
    while (clients.tally.unavailable < 50) await sleep(20);
    const first = await publishNext("always");
    await versionsServed();
    isPublished = true;
    expect(await versionsServed()).toEqual([`digits@${first.version}`]);
  });

  it("see no other reply while publishers are killed, and two publish at once", async () => {
    const { folder, fixture } = await makeNext();
    for (const [write, when] of [
      [0, "before"],
      [2, "after"],
      [5, "before"],
    ] as const) {
      expect(await publishAndDie(server, folder, write, when)).toBe(true);
      expect((await readPresent(server.bucket)).models.digits!.stable).not.toBe(fixture.version);
    }
    // Killed right after the swap, it is published all the same.
    expect(await publishAndDie(server, folder, 5, "after")).toBe(true);
    await publishRelease(server.bucket, folder, { promote: "always", now: new Date() });
    expect((await readPresent(server.bucket)).models.digits!.stable).toBe(fixture.version);
    await Promise.all([publishNext("always"), publishNext("always")]);
    expect((await readPresent(server.bucket)).models.digits!.history).toHaveLength(4);
  });

  it("see no other reply while the catalog is rubbish, a release is damaged, or the bucket fails", async () => {
    await withDamagedCatalog(server.bucket, "rubbish", seen);
    await withDamagedRelease(server.bucket, (await makeNext()).fixture, "weights.bin", "bit-flipped", seen);
    for (const fault of ["fails", "hangs"] as const) {
      await server.setFault(fault);
      await publishNext("always");
      await seen();
      await server.setFault("none");
    }
  });

  it("see canary, promotion and rollback, and nothing else", async () => {
    const change = (edit: Parameters<typeof changePublished>[1]) => changePublished(server.bucket, edit, {});
    const { stable } = (await readPresent(server.bucket)).models.digits!;
    const canary = await publishNext(50);
    await seen();
    await seen();
    expect(await versionsServed()).toEqual(
      expect.arrayContaining([`digits@${stable}`, `digits@${canary.version}`]),
    );
    await change((c) => promote(c, { name: "digits" }, undefined, new Date()));
    await seen();
    await change((c) => rollBack(c, "digits", undefined, new Date()));
    expect((await readPresent(server.bucket)).models.digits!.stable).toBe(stable);
  });

  it("saw right digits only, and the bucket is intact afterwards", async () => {
    await clients.stop();
    expect(clients.tally.wrong).toEqual([]);
    expect(clients.tally.versions.size).toBeGreaterThan(2);
    for await (const { ok, message } of verifyCatalog(server.bucket, await readPresent(server.bucket))) {
      expect(ok, message).toBe(true);
    }
  });
});
