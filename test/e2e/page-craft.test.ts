// What must hold of the page whatever people do: access, kindness where something fails, weight, privacy, languages.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import type { AxeResults } from "axe-core";
import type { HTTPRequest, Page } from "puppeteer-core";
import { describe, expect, it } from "vitest";
import { addressBar, pictureAddress, usePageSession } from "./page-session.ts";
import { DESKTOP, goTo, PHONE, retype, textOf, waitForText } from "./visitor.ts";

const session = usePageSession();

describe.each([PHONE, DESKTOP])("on $name,", (device) => {
  it("the page is accessible without sight or pointer: axe finds no violation, nothing overflows", async () => {
    const page = await session.open("/", device);
    for (const part of [
      "#relatives li",
      "#map canvas",
      "#dials canvas",
      "#walk canvas",
      "#draw canvas",
      "#models svg",
    ]) {
      await goTo(page, part);
    }
    await page.$$eval("details", (all) => {
      for (const details of all) details.open = true;
    });
    await page.click("#draw .pad button:nth-child(2)");
    await page.waitForSelector("#draw .certainty");
    await page.evaluate(
      await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"),
    );
    const { violations, passes } = (await page.evaluate("axe.run()")) as AxeResults;
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(passes.length).toBeGreaterThan(20);
    // The names that screen readers get: axe takes the label around a slider for its name, browsers the output's.
    for (const name of ["Size", "Variety", "Horizontal", "Vertical", "Position", "Speed"]) {
      expect({ name, slider: await page.$(`aria/${name}[role="slider"]`) }).not.toMatchObject({
        slider: null,
      });
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(device.width);
  });

  it("the navigation leads to its sections, whatever loads meanwhile", async () => {
    const page = await session.open("/", device);
    await page.click('nav a[href="#draw"]');
    await page.waitForSelector("#draw .pad canvas");
    await page.waitForSelector("#walk .films canvas");
    const top = await page.$eval("#draw-title", (title) => title.getBoundingClientRect().top);
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(device.height / 2);
  });

  it("without a connection it says so, and continues when it is back", async () => {
    const page = await session.open("/", device);
    await page.setOfflineMode(true);
    await retype(page, "#seed", "adrift");
    await waitForText(page, "#bench .failure", "You are offline");
    await page.setOfflineMode(false);
    await page.waitForFunction(
      () => (document.querySelector("#bench img") as HTMLImageElement | null)?.naturalWidth === 280,
    );
    expect(await pictureAddress(page)).toContain("seed=adrift");
    session.forgive(/ERR_INTERNET_DISCONNECTED/);
  });

  it("a failing server is explained in its own words, and retried on request", async () => {
    let isFailing = true;
    const detail = "cnn@745932964950 lacks weights.bin";
    const before = async (page: Page) => {
      await page.setRequestInterception(true);
      page.on("request", (request: HTTPRequest) => {
        const { pathname } = new URL(request.url());
        if (!isFailing || !/^\/(sample|models)/.test(pathname)) return void request.continue();
        void request.respond({
          status: 503,
          contentType: "application/problem+json",
          body: JSON.stringify({
            type: "/problems/missing-object",
            title: "Unavailable",
            status: 503,
            detail,
          }),
        });
      });
    };
    const page = await session.open("/", device, { before });
    await waitForText(page, "#bench .failure", detail);
    await waitForText(page, "#map .failure", "The server has a problem of its own.");
    isFailing = false;
    await page.click("#bench .failure button");
    await page.waitForFunction(
      () => (document.querySelector("#bench img") as HTMLImageElement | null)?.naturalWidth === 280,
    );
    await goTo(page, "#map canvas.big");
    await session.expectServersPixels(page, "#map");
    session.forgive(/status of 503/);
  });
});

describe("the page", () => {
  it("shows digits without scripts, and draws what is typed", async () => {
    const page = await session.open("/", PHONE, { hasScripts: false });
    const widths = await page.$$eval("img:not([loading])", (images) =>
      images.map((image) => (image as HTMLImageElement).naturalWidth),
    );
    // The word's digit, its neighbours, and a walk; a picture that did not load has no width.
    expect(widths.length).toBeGreaterThan(2);
    expect(Math.min(...widths)).toBeGreaterThanOrEqual(28);
    await page.type("#seed", "light");
    await Promise.all([page.waitForNavigation(), page.click("#bench [type=submit]")]);
    expect((await addressBar(page)).pathname + (await addressBar(page)).search).toBe(
      "/sample?seed=lightmoon",
    );
    expect(await page.$("img")).not.toBeNull();
  });

  it("uses the browser's language first, another on request, and remembers it", async () => {
    const page = await session.open("/?seed=rio", PHONE, { languages: "pt-BR,pt" });
    expect(await textOf(page, "h1")).toBe("Digite uma palavra. Conheça o seu dígito.");
    expect(await page.$eval("html", (html) => html.lang)).toBe("pt-BR");
    await page.click(".languages a[lang=en]");
    await waitForText(page, "h1", "Type a word. Meet its digit.");
    await page.reload({ waitUntil: "load" });
    await waitForText(page, "h1", "Type a word. Meet its digit.");
    expect(await pictureAddress(page)).toContain("seed=rio");
    expect(await (await fetch(`${session.origin}/pt-br`)).text()).toContain("Digite uma palavra.");
  });

  it("requests nothing from other hosts, and at most 60 KB gzip of scripts before the first model", async () => {
    const page = await session.open("/", DESKTOP);
    await goTo(page, "#map canvas.big");
    await session.expectServersPixels(page, "#map");
    const addresses = session.visit().requests.map((address) => new URL(address));
    expect(addresses.filter(({ protocol }) => protocol === "http:").map(({ origin }) => origin)).toEqual(
      addresses.map(() => session.origin),
    );
    const own = addresses.filter(({ pathname }) => pathname === "/" || pathname.startsWith("/page/"));
    expect(own.map(({ pathname }) => pathname.split(".").at(-1))).toEqual(
      expect.arrayContaining(["/", "js", "css", "wasm"]),
    );
    const weigh = async (files: readonly URL[]) => {
      const contents = await Promise.all(files.map(({ pathname }) => session.bytesAt(pathname)));
      return contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
    };
    expect(await weigh(own.filter(({ pathname }) => pathname.endsWith(".js")))).toBeLessThan(60_000);
    expect(await weigh(own)).toBeLessThan(100_000);
  });

  it("is served under a policy without inline scripts or styles, and has none", async () => {
    for (const path of ["/", "/pt-br"]) {
      const reply = await fetch(session.origin + path);
      const policy = reply.headers.get("Content-Security-Policy")!;
      expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
      expect(policy).not.toContain("unsafe-inline");
      expect(await reply.text()).not.toMatch(/ style=|<style|<script(?![^>]* src=)/);
    }
  });
});
