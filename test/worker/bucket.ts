// Fills the real local bucket of a test with releases and a catalog.

import { env } from "cloudflare:workers";
import { CATALOG_KEY, type Catalog } from "../../shared/release/catalog.ts";
import { stringifyJson } from "../../shared/release/release.ts";
import { type Fixture, makeCatalog, objectsOf } from "../fixture.ts";

export const bucket = (env as { MODELS: R2Bucket }).MODELS;

export async function putRelease(fixture: Fixture): Promise<void> {
  for (const [key, body] of objectsOf(fixture)) await bucket.put(key, body);
}

export async function putCatalog(catalog: Catalog): Promise<void> {
  await bucket.put(CATALOG_KEY, stringifyJson(catalog));
}

export async function publish(...fixtures: Fixture[]): Promise<void> {
  for (const fixture of fixtures) await putRelease(fixture);
  await putCatalog(makeCatalog(fixtures));
}
