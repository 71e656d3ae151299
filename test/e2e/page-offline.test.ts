// The page's service worker before a server that ends: a reload without it, and never an old page while it is there.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { pictureAddress } from "./page-session.ts";
import { type Server, startServe } from "./server.ts";
import { goTo, PHONE, pixelsOf, retype, type Visit, visit, waitForText } from "./visitor.ts";

let folder: string;
let server: Server;
let browser: Browser;
let visitor: Visit;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  server = await startServe("--store", folder);
  browser = await puppeteer.connect({ browserWSEndpoint: inject("browser") });
  visitor = await visit(browser, `${server.origin}/?seed=lua`, PHONE);
}, 300_000);

afterAll(async () => {
  await visitor?.close();
  await browser?.disconnect();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const documentOf = async (page: Page, path: string) =>
  (await page.goto(server.origin + path, { waitUntil: "load" }))!.text();

it("one visit is enough to load the page and draw without a server, the pad too", {
  tags: ["slow"],
}, async () => {
  const { page } = visitor;
  await pictureAddress(page);
  // It has kept all it needs once it answers for the page.
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  const drawn = await pixelsOf(page, "#bench .stage canvas");

  // While there is a server, the page is the server's: it writes the word into it.
  expect(await documentOf(page, "/?seed=fresh")).toContain("“fresh”");
  // A version that is not listed any more is not kept.
  const kept = await page.evaluate(async () => {
    const cache = await caches.open("models");
    await cache.put("/models/digits/0123456789ab/card.json", new Response("{}"));
    await fetch("/models");
    return (await cache.keys()).map(({ url }) => new URL(url).pathname);
  });
  expect(kept.filter((path) => path.endsWith("/weights.bin"))).not.toEqual([]);
  expect(kept.filter((path) => path.includes("0123456789ab"))).toEqual([]);

  await server.stop();
  expect(await documentOf(page, "/?seed=lua")).not.toContain("“lua”");
  await waitForText(page, "#bench .reading", /^“lua” is a \d/);
  expect(await pixelsOf(page, "#bench .stage canvas")).toEqual(drawn);
  await retype(page, "#seed", "adrift");
  await waitForText(page, "#bench .reading", /^“adrift” is a \d/);
  await waitForText(page, "#bench .badge", "the server could not be asked");
  await goTo(page, "#relatives .tile canvas");
  await goTo(page, "#walk .film canvas");
  await page.waitForSelector("#draw .pad button:nth-child(3):enabled");
  await page.click("#draw .pad button:nth-child(3)");
  await waitForText(page, "#draw .certainty [role=status]", /reads \d/);
  await documentOf(page, "/pt-br?seed=rio");
  await waitForText(page, "#bench .reading", /^“rio” é um \d/);
  const others = visitor.complaints.filter(
    (complaint) => !/ERR_FAILED|ERR_CONNECTION_REFUSED|Failed to fetch/.test(complaint),
  );
  expect(others).toEqual([]);
});
