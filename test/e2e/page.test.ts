// The page as people use it: a real Chromium before a real server, on a phone in the dark and at a desk in the light.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { AxeResults } from "axe-core";
import type { Browser, HTTPRequest, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { launchChromium } from "../browser/chromium.ts";
import { type Server, startService } from "./server.ts";
import {
  DESKTOP,
  type Device,
  download,
  drag,
  goTo,
  PHONE,
  pixelsOf,
  press,
  retype,
  textOf,
  type Visit,
  visit,
  waitForText,
} from "./visitor.ts";

let folder: string;
let server: Server;
let browser: Browser;
let current: Visit | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  [server, browser] = await Promise.all([startService(join(folder, "state")), launchChromium()]);
}, 120_000);

afterEach(async () => {
  const { complaints = [], close } = current ?? {};
  current = undefined;
  await close?.();
  expect(complaints).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function open(path: string, device: Device, options?: Parameters<typeof visit>[3]): Promise<Page> {
  current = await visit(browser, server.origin + path, device, options);
  return current.page;
}

const bytesAt = async (address: string) =>
  new Uint8Array(await (await fetch(new URL(address, server.origin))).arrayBuffer());
const levelsAt = async (address: string) =>
  ((await (await fetch(new URL(address, server.origin))).json()) as { pixels: number[][] }).pixels.flat();

/** The digit beside, by the address that is told beside it. */
async function expectServersPixels(page: Page, part: string): Promise<void> {
  await waitForText(page, `${part} .badge`, "All 784 pixels equal the server's");
  const address = new URL(await page.$eval(`${part} .proof a`, (link) => (link as HTMLAnchorElement).href));
  address.searchParams.delete("size");
  address.searchParams.set("format", "json");
  expect(await pixelsOf(page, `${part} .beside canvas.big`)).toEqual(await levelsAt(address.href));
}

const pictureAddress = (page: Page) => page.$eval("#bench img", (image) => image.getAttribute("src")!);
const addressBar = async (page: Page) => new URL(await page.evaluate(() => location.href));

describe.each([PHONE, DESKTOP])("on $name,", (device) => {
  it("a word becomes its digit as it is typed, and a link shows what its sender saw", async () => {
    const page = await open("/", device);
    await retype(page, "#seed", "otter & co");
    await page.click("#bench .digits label:nth-child(9)");
    await page.click("#bench summary");
    await page.select("#bench select", "mlp");
    await press(page, "#bench .settings input[type=range]", "ArrowLeft", 20);
    await page.$eval("#bench input[type=color]", (input) => {
      (input as HTMLInputElement).value = "#ff8800";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.click("#bench .check input");
    const expected = "/sample?bg=transparent&digit=7&fg=ff8800&model=mlp&seed=otter%20%26%20co&size=200";
    expect(await pictureAddress(page)).toBe(expected);
    expect(await textOf(page, "#snippet")).toBe(server.origin + expected);
    expect(await download(page, "#take a.button")).toEqual(await bytesAt(expected));
    await page.waitForFunction(() => location.search.includes("transparent"));
    const link = await addressBar(page);
    await current!.close();
    const receiver = await open(link.pathname + link.search, device);
    expect(await pictureAddress(receiver)).toBe(expected);
    expect(await receiver.$eval("#seed", (field) => (field as HTMLInputElement).value)).toBe("otter & co");
  });

  it("the snippets work as they stand, and can be copied", async () => {
    const page = await open("/?seed=it%27s+%22lunch%22&digit=3", device, {
      before: (fresh) =>
        fresh
          .browserContext()
          .overridePermissions(server.origin, ["clipboard-sanitized-write", "clipboard-read"]),
    });
    const snippets: string[] = [];
    for (const place of [1, 2, 3, 4, 5]) {
      await page.click(`#take .segments label:nth-child(${place})`);
      snippets.push(await textOf(page, "#snippet"));
    }
    const [address, html, curl, fetching, client] = snippets;
    const picture = await bytesAt(address!);
    expect((await fetch(address!)).headers.get("Content-Type")).toBe("image/png");
    const src = await page.evaluate(
      (text) => new DOMParser().parseFromString(text, "text/html").images[0]!.src,
      html!,
    );
    expect(await bytesAt(src)).toEqual(picture);
    expect(await bytesAt(/'(.+)'/.exec(curl!)![1]!)).toEqual(picture);
    expect(await bytesAt(JSON.parse(/fetch\((".+")\)/.exec(fetching!)![1]!))).toEqual(picture);
    expect(client).toContain("  digit: 3,");
    await page.click("#take .copy button");
    await waitForText(page, "#take [role=status]", "Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(client);
  });

  it("neighbours can be chosen, or taken along on a walk", async () => {
    const page = await open("/?seed=lua", device);
    await goTo(page, "#relatives .tile img");
    // Until the mixture is there, the first of the family stand in.
    await page.waitForFunction(() => {
      const src = document.querySelector("#relatives img")!.getAttribute("src")!;
      return src.includes("lua%2F") && !src.includes("lua%2F0&");
    });
    const second = "#relatives li:nth-child(2)";
    const seed = (await page.$eval(`${second} .tile`, (tile) => tile.getAttribute("aria-label")!)).split(
      /[“”]/,
    )[1]!;
    await page.click(`${second} .add`);
    await waitForText(page, "#relatives [role=status]", `“${seed}” is on the walk now.`);
    await page.click(`${second} .tile`);
    await page.waitForFunction(
      (name) => (document.querySelector("#seed") as HTMLInputElement).value === name,
      {},
      seed,
    );
    expect(new URL(await pictureAddress(page), server.origin).searchParams.get("seed")).toBe(seed);
    await goTo(page, "#walk .stops li");
    expect(
      await page.$$eval("#walk .stops li span", (names) => names.map((name) => name.textContent)),
    ).toEqual(["ada", "grace", "edsger", seed]);
  });

  it("a number is written", async () => {
    const page = await open("/?seed=lua", device);
    await goTo(page, "#number input");
    await retype(page, "#number input", "2026-11");
    await page.waitForFunction(() =>
      document.querySelector("#number img")!.getAttribute("src")!.includes("202611"),
    );
    expect(await page.$eval("#number img", (image) => image.getAttribute("alt"))).toBe(
      "202611 in handwriting",
    );
    await page.waitForFunction(
      () => (document.querySelector("#number img") as HTMLImageElement).naturalWidth > 100,
    );
    expect(await textOf(page, "#number code")).toBe(`${server.origin}/number/202611?seed=lua&size=160`);
  });

  it("on the map the digit follows pointer and arrow keys, and is the server's to the bit", async () => {
    const page = await open("/", device);
    await goTo(page, "#map canvas.big");
    await expectServersPixels(page, "#map");
    await waitForText(page, "#map .reading", /Most like a 7/);
    const before = await pixelsOf(page, "#map canvas.big");
    await drag(page, "#map .map", [
      [0.5, 0.5],
      [0.7, 0.4],
      [0.8, 0.2],
    ]);
    await waitForText(page, "#map .reading", /Most like a 1/);
    expect(await pixelsOf(page, "#map canvas.big")).not.toEqual(before);
    await expectServersPixels(page, "#map");
    await page.waitForFunction(() => location.search.includes("place="));
    const place = async () => (await addressBar(page)).searchParams.get("place")!.split(",").map(Number);
    const [x, y] = await place();
    await press(page, "#map .map", "ArrowLeft", 3);
    await press(page, "#map .map", "ArrowDown", 2);
    await vi.waitFor(async () => expect((await place())[1]).toBeLessThan(y!), { timeout: 5000 });
    expect((await place())[0]).toBeLessThan(x!);
    await expectServersPixels(page, "#map");
    await press(page, "#map input[type=range]", "End");
    await expectServersPixels(page, "#map");
  });

  it("the dials turn the seed's own digit into others", async () => {
    const page = await open("/?seed=lua", device);
    await goTo(page, "#dials canvas.big");
    await expectServersPixels(page, "#dials");
    const own = await pixelsOf(page, "#dials canvas.big");
    expect(await page.$$("#dials .dial")).toHaveLength(16);
    await press(page, "#dials .dial input", "End");
    await expectServersPixels(page, "#dials");
    expect(await pixelsOf(page, "#dials canvas.big")).not.toEqual(own);
    await page.click("#dials .beside button");
    await expectServersPixels(page, "#dials");
    expect(await pixelsOf(page, "#dials canvas.big")).toEqual(own);
  });

  it("a walk is played and scrubbed, arc beside line, and exported as the server draws it", async () => {
    const page = await open("/", device);
    await goTo(page, "#walk .films canvas");
    const films = ["#walk figure:nth-child(1) canvas", "#walk figure:nth-child(2) canvas"] as const;
    const start = await pixelsOf(page, films[0]);
    expect(await pixelsOf(page, films[1])).toEqual(start);
    await press(page, "#walk input[type=range]", "ArrowRight", 8);
    expect(await pixelsOf(page, films[0])).not.toEqual(start);
    expect(await pixelsOf(page, films[0])).not.toEqual(await pixelsOf(page, films[1]));
    const shown = () => page.$eval("#walk input[type=range]", (input) => (input as HTMLInputElement).value);
    expect(await shown()).toBe("8");
    await page.click("#walk .beside .primary");
    await vi.waitFor(async () => expect(Number(await shown())).toBeGreaterThan(9), { timeout: 5000 });
    await page.click("#walk .beside .primary");
    for (const place of [1, 2]) {
      const file = await download(page, `#walk figure:nth-child(${place}) figcaption > button`);
      expect(file).toEqual(await bytesAt(await textOf(page, `#walk figure:nth-child(${place}) code`)));
    }
    await page.click("#walk .stops .remove");
    expect(await page.$$("#walk .stops li")).toHaveLength(2);
  });

  it("a drawn digit is read, drawn again and varied as the server would", async () => {
    const page = await open("/", device);
    await goTo(page, "#draw .pad canvas");
    await drag(page, "#draw .pad canvas", [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.65, 0.5],
      [0.45, 0.85],
    ]);
    await waitForText(page, "#draw .certainty [role=status]", /7, /);
    const drawing = await page.$eval("#draw .pad canvas", (canvas) =>
      (canvas as HTMLCanvasElement).toDataURL(),
    );
    const body = Buffer.from(drawing.split(",")[1]!, "base64");
    const post = { method: "POST", body, headers: { "Content-Type": "image/png" } };
    const reply = await fetch(`${server.origin}/reconstruct?format=json`, post);
    const { input, reconstruction } = (await reply.json()) as Record<string, { pixels: number[][] }>;
    expect(await pixelsOf(page, "#draw figure:nth-child(1) canvas")).toEqual(input!.pixels.flat());
    expect(await pixelsOf(page, "#draw figure:nth-child(2) canvas")).toEqual(reconstruction!.pixels.flat());
    await page.waitForSelector("#draw .pair .map .mark");
    const variation = new URL(
      await page.$eval("#draw .variations a", (link) => (link as HTMLAnchorElement).href),
    );
    variation.searchParams.delete("size");
    variation.searchParams.set("format", "json");
    expect(await pixelsOf(page, "#draw .variations canvas")).toEqual(await levelsAt(variation.href));
    await page.click("#draw .pad button");
    expect(await page.$("#draw .seen")).toBeNull();
    await page.click("#draw .pad button:nth-child(2)");
    await waitForText(page, "#draw .certainty [role=status]", /3, /);
  });

  it("every model has its card", async () => {
    const page = await open("/", device);
    await goTo(page, "#models .model svg");
    const names = await page.$$eval("#models h3", (titles) => titles.map((title) => title.textContent));
    const { models } = (await (await fetch(`${server.origin}/models`)).json()) as {
      models: { name: string }[];
    };
    expect(names).toEqual(models.map(({ name }) => name));
    expect(await textOf(page, "#models li:nth-child(2)")).toMatch(/34c05cc23213.*315,584.*152\.15 nats/s);
    await page.click("#models li:nth-child(2) .actions button");
    expect(await pictureAddress(page)).toContain("model=mlp");
  });

  it("nothing is in the way of those who cannot see or point: axe finds no violation, nothing overflows", async () => {
    const page = await open("/", device);
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
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(device.width);
  });

  it("without a connection it says so, and goes on when it is back", async () => {
    const page = await open("/", device);
    await page.setOfflineMode(true);
    await retype(page, "#seed", "adrift");
    await waitForText(page, "#bench [role=alert]", "You are offline");
    await page.setOfflineMode(false);
    await page.waitForFunction(
      () => (document.querySelector("#bench img") as HTMLImageElement | null)?.naturalWidth === 280,
    );
    expect(await pictureAddress(page)).toContain("seed=adrift");
    forgive(/ERR_INTERNET_DISCONNECTED/);
  });

  it("a failing server is explained in its own words, and asked again on demand", async () => {
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
    const page = await open("/", device, { before });
    await waitForText(page, "#bench [role=alert]", detail);
    await waitForText(page, "#map [role=alert]", "The server has a problem of its own.");
    isFailing = false;
    await page.click("#bench [role=alert] button");
    await page.waitForFunction(
      () => (document.querySelector("#bench img") as HTMLImageElement | null)?.naturalWidth === 280,
    );
    await goTo(page, "#map canvas.big");
    await expectServersPixels(page, "#map");
    forgive(/status of 503/);
  });
});

/** Complaints that a test has caused on purpose. */
function forgive(reason: RegExp): void {
  const complaints = current!.complaints as string[];
  expect(complaints.filter((complaint) => !reason.test(complaint))).toEqual([]);
  complaints.length = 0;
}

describe("the page", () => {
  it("shows digits without scripts, and draws what is typed", async () => {
    const page = await open("/", PHONE, { hasScripts: false });
    const widths = await page.$$eval("img:not([loading])", (images) =>
      images.map((image) => (image as HTMLImageElement).naturalWidth),
    );
    expect(widths).toEqual([280, ...new Array(12).fill(112)]);
    await page.type("#seed", "light");
    await Promise.all([page.waitForNavigation(), page.click("#bench [type=submit]")]);
    expect((await addressBar(page)).pathname + (await addressBar(page)).search).toBe(
      "/sample?seed=lightmoon",
    );
    expect(await page.$("img")).not.toBeNull();
  });

  it("speaks the browser's language first, another on demand, and remembers", async () => {
    const page = await open("/?seed=rio", PHONE, { languages: "pt-BR,pt" });
    expect(await textOf(page, "h1")).toBe("Digite uma palavra. Conheça o seu dígito.");
    expect(await page.$eval("html", (html) => html.lang)).toBe("pt-BR");
    await page.click(".languages a[lang=en]");
    await waitForText(page, "h1", "Type a word. Meet its digit.");
    await page.reload({ waitUntil: "load" });
    await waitForText(page, "h1", "Type a word. Meet its digit.");
    expect(await pictureAddress(page)).toContain("seed=rio");
    expect(await (await fetch(`${server.origin}/pt-br`)).text()).toContain("Digite uma palavra.");
  });

  it("asks no other host, and for at most 100 KB gzip before the first model", async () => {
    const page = await open("/", DESKTOP);
    await goTo(page, "#map canvas.big");
    await expectServersPixels(page, "#map");
    const addresses = current!.requests.map((address) => new URL(address));
    expect(addresses.filter(({ protocol }) => protocol === "http:").map(({ origin }) => origin)).toEqual(
      addresses.map(() => server.origin),
    );
    const own = addresses.filter(({ pathname }) => pathname === "/" || pathname.startsWith("/page/"));
    expect(own.map(({ pathname }) => pathname.split(".").at(-1))).toEqual(
      expect.arrayContaining(["/", "js", "css", "wasm"]),
    );
    const sizes = await Promise.all(
      own.map(async ({ pathname }) => gzipSync(await bytesAt(pathname)).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  });

  it("is served under a policy that knows no inline script or style, and has none", async () => {
    for (const path of ["/", "/pt-br"]) {
      const reply = await fetch(server.origin + path);
      const policy = reply.headers.get("Content-Security-Policy")!;
      expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
      expect(policy).not.toContain("unsafe-inline");
      expect(await reply.text()).not.toMatch(/ style=|<style|<script(?![^>]* src=)/);
    }
  });
});
