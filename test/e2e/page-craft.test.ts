// What must hold of the page whatever people do: access, kindness where something fails, weight, privacy, languages.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import type { AxeResults } from "axe-core";
import type { HTTPRequest, Page } from "puppeteer-core";
import { describe, expect, it } from "vitest";
import { addressBar, pictureAddress, usePageSession } from "./page-session.ts";
import { DESKTOP, goTo, PHONE, pixelsOf, retype, textOf, waitForText } from "./visitor.ts";

const session = usePageSession();

/** Roles that must have names. */
const CONTROLS = [
  "button",
  "link",
  "slider",
  "radio",
  "checkbox",
  "textbox",
  "combobox",
  "application",
  "meter",
];

describe.each([PHONE, DESKTOP])("on $name,", (device) => {
  it("the page is accessible without sight or pointer: axe finds no violation, nothing overflows", async () => {
    const page = await session.open("/", device);
    for (const part of [
      "#relatives .tile canvas",
      "#draw .pad canvas",
      "#map canvas.dots",
      "#dials canvas",
      "#walk .film canvas",
      "#take .named canvas",
      "#models .model",
    ]) {
      await goTo(page, part);
    }
    await page.$$eval("details", (all) => {
      for (const details of all) details.open = true;
    });
    await page.waitForSelector("#draw .pad button:nth-child(3):enabled");
    await page.click("#draw .pad button:nth-child(3)");
    await page.waitForSelector("#draw .certainty meter");
    await page.evaluate(
      await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"),
    );
    const { violations, passes } = (await page.evaluate("axe.run()")) as AxeResults;
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(passes.length).toBeGreaterThan(20);
    // The names that screen readers get, from Chromium itself: axe takes the label around a slider for its name.
    const client = await page.createCDPSession();
    const { nodes } = await client.send("Accessibility.getFullAXTree");
    const controls = nodes.filter(
      ({ ignored, role }) => !ignored && CONTROLS.includes(role?.value as string),
    );
    expect(controls.length).toBeGreaterThan(60);
    const nameless = controls.filter(({ name }) => !(name?.value as string | undefined)?.trim());
    expect(nameless.map(({ role, backendDOMNodeId }) => [role?.value, backendDOMNodeId])).toEqual([]);
    const sliders = controls.filter(({ role }) => role?.value === "slider").map(({ name }) => name?.value);
    for (const name of ["Size", "Variety", "Slant", "Horizontal", "Vertical", "Position", "Speed"]) {
      expect(sliders).toContain(name);
    }
    const pictures = nodes.filter(({ role }) => role?.value === "image").map(({ name }) => name?.value);
    expect(pictures).toContainEqual(expect.stringMatching(/^A handwritten \d, the digit of “moon”$/));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(device.width);
    // As do texts of twice the size.
    await page.evaluate(() => {
      document.documentElement.style.fontSize = "200%";
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(device.width);
  });

  it("nothing jumps while it is scrolled through and loads, in either language", {
    tags: ["slow"],
  }, async () => {
    for (const path of ["/?ink=", "/pt-br?ink="]) {
      const page = await session.open(path, device, {
        before: async (fresh) => {
          await fresh.evaluateOnNewDocument(() => {
            const shifts: number[] = [];
            Object.assign(window, { shifts });
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries())
                shifts.push((entry as unknown as { value: number }).value);
            }).observe({ type: "layout-shift", buffered: true });
          });
        },
      });
      const parts = ["#relatives .tile canvas", "#draw .pad canvas", "#map canvas.dots", "#dials canvas"];
      for (const part of [...parts, "#walk .film canvas", "#take .named canvas", "#models .model"]) {
        await goTo(page, part);
      }
      const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
      expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.05);
      if (path === "/?ink=") await session.visit().close();
    }
  });

  it("nothing moves below the badge when the server's answer comes late, in either language", {
    tags: ["slow"],
  }, async () => {
    for (const path of ["/", "/pt-br"]) {
      const asked = Promise.withResolvers<() => Promise<void>>();
      const page = await session.open(path, device, {
        before: async (fresh) => {
          await fresh.setRequestInterception(true);
          fresh.on("request", (request) => {
            const isProof = request.url().includes("format=json");
            if (isProof) asked.resolve(() => request.continue());
            else void request.continue();
          });
        },
      });
      const heights = () =>
        page.$$eval("#bench, #relatives", (parts) =>
          parts.map((part) => part.getBoundingClientRect().height),
        );
      const answer = await asked.promise;
      await goTo(page, "#relatives .tile canvas");
      const before = await heights();
      await answer();
      await page.waitForSelector("#bench .badge.same");
      expect(await heights()).toEqual(before);
      if (path === "/") await session.visit().close();
    }
  });

  it("the navigation leads to its sections, whatever loads meanwhile", async () => {
    const page = await session.open("/", device);
    await page.click('nav a[href="#draw"]');
    await page.waitForSelector("#draw .pad canvas");
    await page.waitForSelector("#relatives .tile canvas");
    const top = await page.$eval("#draw-title", (title) => title.getBoundingClientRect().top);
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(device.height / 2);
  });
});

describe("where something fails,", () => {
  it("without a connection it goes on drawing, and what it lacks comes with the connection", {
    tags: ["slow"],
  }, async () => {
    // On the first visit, or where there is no service worker.
    const page = await session.open("/", PHONE, { before: (fresh) => fresh.setBypassServiceWorker(true) });
    await pictureAddress(page);
    await page.waitForNetworkIdle();
    await page.setOfflineMode(true);
    await retype(page, "#seed", "adrift");
    await waitForText(page, "#bench .reading", /^“adrift” is a \d/);
    await waitForText(page, "#bench .badge", "the server could not be asked");
    const drawn = await pixelsOf(page, "#bench .stage canvas");
    await goTo(page, "#relatives .tile canvas");
    await goTo(page, "#take #number canvas");
    await goTo(page, "#map .failure");
    await page.setOfflineMode(false);
    await goTo(page, "#map canvas.big");
    await session.expectServersPixels(page, "#bench");
    expect(await pixelsOf(page, "#bench .stage canvas")).toEqual(drawn);
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
    const page = await session.open("/", PHONE, { before });
    await waitForText(page, "#bench .failure", detail);
    await waitForText(page, "#map .failure", "The server has a problem of its own.");
    isFailing = false;
    await page.click("#bench .failure button");
    await session.expectServersPixels(page, "#bench");
    await goTo(page, "#map canvas.big");
    await session.expectServersPixels(page, "#map");
    session.forgive(/status of 503/);
  });
});

describe("the page", () => {
  it("shows digits without scripts, and draws what is typed", async () => {
    const page = await session.open("/", PHONE, { hasScripts: false });
    await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
    const widths = await page.$$eval("img", (images) => images.map(({ naturalWidth }) => naturalWidth));
    // The word's digit, its neighbours, a walk and a number; a picture that did not load has no width.
    expect(widths.length).toBeGreaterThan(13);
    expect(Math.min(...widths)).toBeGreaterThanOrEqual(28);
    await page.type("#seed", "light");
    await Promise.all([page.waitForNavigation(), page.click("#bench [type=submit]")]);
    expect((await addressBar(page)).pathname + (await addressBar(page)).search).toBe(
      "/sample?seed=lightmoon&fg=1a1b1e&bg=fffdf8",
    );
    expect(await page.$("img")).not.toBeNull();
  });

  it.each(["/", "/pt-br"])(
    "has at %s the word of its address in it as it arrives, and a preview of its digit for links",
    async (path) => {
      const seed = `rio "<b>'&$&`;
      const query = new URLSearchParams({ seed, ink: "ff8800", digit: "12", model: "mlp", nothing: "known" });
      const text = await (await fetch(`${session.origin}${path}?${query}`)).text();
      expect(text).not.toMatch(/<b>|seed=(moon|lua)|“(moon|lua)”/);
      const preview = /property="og:image" content="([^"]+)"/.exec(text)![1]!.replaceAll("&amp;", "&");
      const address = new URL(preview);
      expect(address.origin).toBe(session.origin);
      expect(Object.fromEntries(address.searchParams)).toEqual({
        seed,
        fg: "ff8800",
        bg: "fffdf8",
        model: "mlp",
        size: "512",
      });
      expect((await fetch(address)).headers.get("Content-Type")).toBe("image/png");
      const page = await session.open(`${path}?${query}`, PHONE, { hasScripts: false });
      expect(await page.$eval("#seed", (field) => (field as HTMLInputElement).value)).toBe(seed);
      expect(await page.$eval("#bench img", (image) => image.alt)).toContain(`“${seed}”`);
      expect(await page.$eval("#bench img", (image) => image.currentSrc)).toContain("fg=ff8800");
    },
  );

  it.each([
    ["/", "moon"],
    ["/pt-br", "lua"],
  ])("%s names a word that begins with its own as it is", async (path, built) => {
    for (const seed of [`${built}light`, `${built}/1`]) {
      const text = await (await fetch(`${session.origin}${path}?${new URLSearchParams({ seed })}`)).text();
      const found = [...text.matchAll(/[?;]seed=([^"&]+)/g)]
        .map(([, word]) => decodeURIComponent(word!))
        .filter((word) => word.includes(built));
      expect(found.length).toBeGreaterThan(12);
      for (const word of found) expect(word.replace(seed, ""), word).toMatch(/^(\/\d+)?$/);
      expect(text).toContain(`“${seed}”`);
    }
  });

  it("shows a preview of a pinned digit that leans", async () => {
    const { models } = (await (await fetch(`${session.origin}/models`)).json()) as {
      models: { name: string; stable: string }[];
    };
    const [{ name, stable }] = models as [{ name: string; stable: string }];
    const query = new URLSearchParams({ seed: "rio", model: `${name}@${stable}`, slant: "10" });
    const text = await (await fetch(`${session.origin}/?${query}`)).text();
    const preview = /property="og:image" content="([^"]+)"/.exec(text)![1]!.replaceAll("&amp;", "&");
    expect((await fetch(preview)).headers.get("Content-Type")).toBe("image/png");
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
    await session.expectServersPixels(page, "#bench");
    const { requests } = session.visit();
    const addresses = requests.map((address) => new URL(address));
    const first = addresses.findIndex(({ pathname }) => pathname.endsWith("weights.bin"));
    expect(first).toBeGreaterThan(0);
    expect(addresses.filter(({ protocol }) => protocol === "http:").map(({ origin }) => origin)).toEqual(
      addresses.map(() => session.origin),
    );
    const own = addresses
      .slice(0, first)
      .filter(({ pathname }) => pathname === "/" || pathname.startsWith("/page/"));
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
