// What can be wrong in a bucket, and a publisher that is killed in the middle.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CATALOG_KEY, parseCatalog } from "../../shared/release/catalog.ts";
import { CARD_FILE, NETWORK_FILES, releaseKey } from "../../shared/release/release.ts";
import type { Bucket } from "../../trainer/publish/bucket.ts";
import { publish } from "../../trainer/publish/catalog-changes.ts";
import { updateCatalog } from "../../trainer/publish/catalog-swap.ts";
import { type Fixture, objectsOf } from "../fixture.ts";
import type { SoakServer } from "./server.ts";

/** Damages of any object; null stands for deleting it. */
export const DAMAGES = {
  missing: () => null,
  truncated: (bytes) => bytes.subarray(0, bytes.length >> 1),
  "bit-flipped": (bytes) => bytes.map((byte, i) => byte ^ Number(i === bytes.length >> 1)),
  "of a future schema": (bytes) =>
    new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/"schema": \d+/, '"schema": 99')),
  oversized: () => new Uint8Array(9 << 20),
  rubbish: () => new TextEncoder().encode("<html>502 Bad Gateway</html>"),
} satisfies Record<string, (bytes: Uint8Array) => Uint8Array | null>;
export type Damage = keyof typeof DAMAGES;

/** Objects that the Worker reads of a release. */
export const READ_FILES = [CARD_FILE, ...Object.values(NETWORK_FILES.decoder)];

/** Puts an object in place of whatever is there. */
async function overwrite(bucket: Bucket, key: string, body: Uint8Array | null): Promise<void> {
  const stored = await bucket.get(key);
  if (body === null) return bucket.delete(key);
  if (!(await bucket.swap(key, body, stored?.etag))) throw new Error(`${key} was changed by another`);
}

/** Damages the catalog for the time of `meanwhile`. */
export async function withDamagedCatalog(bucket: Bucket, damage: Damage, meanwhile: () => Promise<void>) {
  const { body } = (await bucket.get(CATALOG_KEY))!;
  await overwrite(bucket, CATALOG_KEY, DAMAGES[damage](body));
  await meanwhile();
  await overwrite(bucket, CATALOG_KEY, body);
}

/** Makes a release stable of which one object is damaged, and mends it after `meanwhile`. */
export async function withDamagedRelease(
  bucket: Bucket,
  fixture: Fixture,
  file: string,
  damage: Damage,
  meanwhile: () => Promise<void>,
) {
  const { name, version, cardSha256 } = fixture;
  for (const [key, body] of objectsOf(fixture)) await bucket.create(key, body);
  const key = releaseKey(name, version, file);
  const body = fixture.files.get(file)!;
  const damaged = DAMAGES[damage](body);
  await overwrite(bucket, key, damaged);
  const release = { name, version, sha256: cardSha256, promote: "always" } as const;
  await updateCatalog(bucket, (catalog) => publish(catalog, release, new Date()));
  await meanwhile();
  await overwrite(bucket, key, body);
}

/**
 * Publishes in a process of its own that kills itself (SIGKILL) at one of its writes.
 * @param write  number of writes that it survives
 * @returns whether it was killed; else it came to its end
 */
export async function publishAndDie(
  { access }: Pick<SoakServer, "access">,
  folder: string,
  write: number,
  when: "before" | "after",
): Promise<boolean> {
  const script = fileURLToPath(new URL("publisher.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, JSON.stringify({ access, folder, write, when })],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const [code, signal] = await once(child, "exit");
  if (signal !== "SIGKILL" && code !== 0) throw new Error(`the publisher failed with exit code ${code}`);
  return signal === "SIGKILL";
}

/** The catalog as it is. */
export async function readPresent(bucket: Bucket) {
  return parseCatalog((await bucket.get(CATALOG_KEY))!.body);
}

/** For damages that only mean something for JSON documents. */
export function damagesOf(file: string): Damage[] {
  const all = Object.keys(DAMAGES) as Damage[];
  return all.filter((damage) => file.endsWith(".json") || damage !== "of a future schema");
}
