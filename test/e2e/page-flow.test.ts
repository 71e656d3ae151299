// The page before a server whose default model has a flow, beside the bundled models.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { CATALOG_KEY } from "../../shared/release/catalog.ts";
import { stringifyJson } from "../../shared/release/release.ts";
import { openLocalBucket } from "../../trainer/publish/local-bucket.ts";
import { makeCatalog, makeRelease, objectsOf } from "../fixture.ts";
import { flowSpec } from "../shared/latent/flow/flow-models.ts";
import {
  addressBar,
  openSettings,
  pictureAddress,
  sideOf,
  waitForModel,
  whiteOnBlack,
} from "./page-session.ts";
import { type Server, startService } from "./server.ts";
import { goTo, PHONE, pixelsOf, press, textOf, visit, waitForText } from "./visitor.ts";

let folder: string;
let server: Server;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const fixture = await makeRelease("flow", "page", flowSpec({ dim: 6, width: 24, blocks: 2 }));
  const bucket = await openLocalBucket("wrangler.toml", folder);
  for (const [key, body] of objectsOf(fixture)) await bucket.create(key, body);
  await bucket.swap(CATALOG_KEY, stringifyJson(makeCatalog([fixture])), undefined);
  await bucket.close();
  server = await startService(folder);
  browser = await puppeteer.connect({ browserWSEndpoint: inject("browser") });
}, 300_000);

afterAll(async () => {
  await browser?.disconnect();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("a model with a flow", { tags: ["slow"] }, () => {
  it("has its legibility set by a slider, in the page's address and in every picture's", async () => {
    const open = (path: string) => visit(browser, whiteOnBlack(new URL(path, server.origin)), PHONE);
    const guidanceOf = (address: string) => new URL(address, server.origin).searchParams.get("guidance");
    const slider = 'aria/Legibility[role="slider"]';
    const { page, complaints, close } = await open("/?seed=lua");
    await openSettings(page);
    await page.waitForSelector(slider);
    // The model's own, at the nearest step; addresses leave it out.
    expect(guidanceOf(await pictureAddress(page))).toBeNull();
    await press(page, slider, "Home");
    await press(page, slider, "ArrowRight", 6);
    expect(guidanceOf(await pictureAddress(page))).toBe("0.3");
    expect(await textOf(page, "#snippet")).toContain("guidance=0.3");
    await page.waitForFunction(() => location.search.includes("guidance=0.3"));

    // What is drawn in the page is what the server draws.
    const canvas = "#bench .stage canvas";
    const address = new URL(await pictureAddress(page), server.origin);
    for (const [name, value] of [
      ["format", "json"],
      ["size", await sideOf(page, canvas)],
    ] as const) {
      address.searchParams.set(name, value);
    }
    const { pixels } = (await (await fetch(address)).json()) as { pixels: number[][] };
    expect(await pixelsOf(page, canvas)).toEqual(pixels.flat());
    await goTo(page, "#walk code");
    expect(guidanceOf(await textOf(page, "#walk code"))).toBe("0.3");

    const link = await addressBar(page);
    await close();
    const receiver = await open(`/pt-br${link.search}`);
    await receiver.page.waitForSelector('aria/Legibilidade[role="slider"]');
    await waitForText(receiver.page, "#bench .settings", "0,30");
    // Another model would refuse it.
    await receiver.page.select("#bench select", "mlp");
    await waitForModel(receiver.page, "mlp@");
    expect(guidanceOf(await pictureAddress(receiver.page))).toBeNull();
    expect(await receiver.page.$('aria/Legibilidade[role="slider"]')).toBeNull();
    expect([...complaints, ...receiver.complaints]).toEqual([]);
    await receiver.close();
  });
});
