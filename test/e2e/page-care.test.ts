// Where people stumble: fingers, forced colours, paper, odd links, a cleared field.

import { setTimeout as sleep } from "node:timers/promises";
import type { CDPSession, Page } from "puppeteer-core";
import decodeQR from "qr/decode.js";
import { describe, expect, it } from "vitest";
import { addressBar, openSettings, pictureAddress, sideOf, usePageSession } from "./page-session.ts";
import { DESKTOP, drag, goTo, PHONE, pixelsOf, retype, textOf, waitForText } from "./visitor.ts";

const session = usePageSession();

type Touch = readonly [x: number, y: number];

async function touch(client: CDPSession, type: "touchStart" | "touchMove" | "touchEnd", ...points: Touch[]) {
  const touchPoints = points.map(([x, y], id) => ({ x, y, id }));
  await client.send("Input.dispatchTouchEvent", { type, touchPoints });
}

/** White pixels of the pad. */
const inkOf = (page: Page) =>
  page.$eval("#draw .pad canvas", (element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((level, i) => i % 4 === 0 && level > 128).length;
  });

const middleOf = (page: Page, selector: string): Promise<Touch> =>
  page.$eval(selector, (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x + width / 2, y + height / 2] as const;
  });

describe("fingers", () => {
  it("draw one line at a time on the pad, and a tap makes a dot", { tags: ["slow"] }, async () => {
    const page = await session.open("/", PHONE);
    await pictureAddress(page);
    await goTo(page, "#draw .pad canvas");
    const client = await page.createCDPSession();
    const [x, y] = await middleOf(page, "#draw .pad canvas");
    await touch(client, "touchStart", [x, y]);
    await touch(client, "touchEnd");
    const dot = await inkOf(page);
    expect(dot).toBeGreaterThan(100);
    await waitForText(page, "#draw .certainty [role=status]", /reads \d/);
    await page.click("#draw .pad button:nth-child(2)");
    // A palm besides the finger.
    await touch(client, "touchStart", [x - 60, y - 60]);
    await touch(client, "touchStart", [x - 60, y - 60], [x + 60, y + 60]);
    for (const step of [1, 2, 3])
      await touch(client, "touchMove", [x - 60, y - 60 + step], [x + 60, y + 60 + step]);
    await touch(client, "touchEnd");
    expect(await inkOf(page)).toBeLessThan(2 * dot);
  });

  it("swipe past the map, and drag its mark by itself", { tags: ["slow"] }, async () => {
    const page = await session.open("/", PHONE);
    await goTo(page, "#map .map");
    const client = await page.createCDPSession();
    const scrolled = () => page.evaluate(() => scrollY);
    const swipe = async ([x, y]: Touch, dy: number) => {
      await touch(client, "touchStart", [x, y]);
      for (let step = 1; step <= 10; step++) await touch(client, "touchMove", [x, y + (dy * step) / 10]);
      await touch(client, "touchEnd");
    };
    const place = () => page.$eval("#map .mark", (mark) => (mark as HTMLElement).style.top);
    await page.$eval("#map .map", (map) => map.scrollIntoView({ block: "center" }));
    const before = { at: await place(), y: await scrolled() };
    const [x, y] = await middleOf(page, "#map .map");
    await swipe([x + 90, y], -200);
    await page.waitForFunction((from) => scrollY > from + 50, {}, before.y);
    // Until the page has come to rest.
    for (let last = -1; last !== (await scrolled()); await sleep(200)) last = await scrolled();
    expect(await place()).toBe(before.at);
    await page.$eval("#map .map", (map) => map.scrollIntoView({ block: "center" }));
    const held = await scrolled();
    await swipe(await middleOf(page, "#map .mark"), -60);
    expect(Math.abs((await scrolled()) - held)).toBeLessThan(2);
    expect(await place()).not.toBe(before.at);
  });
});

describe("the pad", () => {
  it("reads ink as ink when most of it is covered, can be undone, and keeps the drawing for another model", {
    tags: ["slow"],
  }, async () => {
    const page = await session.open("/", DESKTOP);
    await pictureAddress(page);
    await goTo(page, "#draw .pad canvas");
    const rows = Array.from({ length: 9 }, (_, i) => 0.15 + 0.08 * i);
    await drag(
      page,
      "#draw .pad canvas",
      rows.flatMap((y): Touch[] => [
        [0.12, y],
        [0.88, y],
        [0.12, y + 0.04],
      ]),
    );
    await page.waitForSelector("#draw figure:nth-child(1) canvas");
    expect(await inkOf(page)).toBeGreaterThan(280 * 140);
    const corner = await page.$eval("#draw figure:nth-child(1) canvas", (element) => {
      const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, 28, 28);
      return { corner: data[0]!, middle: data[4 * (14 * 28 + 14)]! };
    });
    expect(corner.corner).toBeLessThan(corner.middle);
    await page.click("#draw .pad button:nth-child(1)");
    expect(await inkOf(page)).toBe(0);
    await drag(page, "#draw .pad canvas", [
      [0.5, 0.2],
      [0.5, 0.8],
    ]);
    await waitForText(page, "#draw .certainty", /reads \d/);
    const ink = await inkOf(page);
    await openSettings(page);
    await page.select("#bench select", "vq");
    await waitForText(page, "#draw .certainty", /^mlp reads 1/);
    expect(await inkOf(page)).toBe(ink);
  });

  it("draws with the main button only, as the map moves", { tags: ["slow"] }, async () => {
    const page = await session.open("/", DESKTOP);
    await pictureAddress(page);
    await goTo(page, "#draw .pad canvas");
    const [x, y] = await middleOf(page, "#draw .pad canvas");
    await page.mouse.click(x, y, { button: "right" });
    expect(await inkOf(page)).toBe(0);
    await goTo(page, "#map .mark");
    const place = () => page.$eval("#map .mark", (mark) => mark.getAttribute("style"));
    const before = await place();
    const [left, top] = await middleOf(page, "#map .map");
    await page.mouse.click(left + 100, top + 50, { button: "right" });
    expect(await place()).toBe(before);
    await page.mouse.click(left + 100, top + 50);
    expect(await place()).not.toBe(before);
  });
});

describe("what is chosen can be told", () => {
  it.each(["forced colours", "print"])("in %s", async (mode) => {
    const page = await session.open("/", DESKTOP);
    await pictureAddress(page);
    const client = await page.createCDPSession();
    const features = mode === "print" ? [] : [{ name: "forced-colors", value: "active" }];
    await client.send("Emulation.setEmulatedMedia", { media: mode === "print" ? "print" : "", features });
    const looks = await page.$$eval("#bench .digits span", (all) =>
      all.map((each) => {
        const { backgroundColor, outlineStyle, textDecorationLine } = getComputedStyle(each);
        return [backgroundColor, outlineStyle, textDecorationLine].join();
      }),
    );
    const [chosen, ...others] = looks;
    expect(new Set(others).size).toBe(1);
    expect(others).not.toContain(chosen);
  });
});

describe("odd links", () => {
  it("a model that is not here is named, the standard one draws, and nothing that fails can be copied", {
    tags: ["slow"],
  }, async () => {
    const page = await session.open("/?model=unicorn&seed=lua", DESKTOP);
    await waitForText(page, "#bench .failure", "There is no model called “unicorn” here.");
    expect(await pictureAddress(page)).not.toContain("unicorn");
    await session.expectServersPixels(page, "#bench");
    expect((await fetch(await textOf(page, "#snippet"))).status).toBe(200);
    await page.click("#bench .failure button");
    await page.waitForFunction(() => !location.search.includes("unicorn"));
    expect(await page.$("#bench .failure")).toBeNull();
    session.forgive(/status of 404/);
  });

  it("a version stays in the address, and is what is drawn and copied", async () => {
    const { models } = (await (await fetch(`${session.origin}/models`)).json()) as {
      models: { name: string; stable: string }[];
    };
    const { stable } = models.find(({ name }) => name === "cnn")!;
    const page = await session.open(`/?model=cnn@${stable}&seed=lua`, DESKTOP);
    expect(await pictureAddress(page)).toContain(`model=cnn%40${stable}`);
    await session.expectServersPixels(page, "#bench");
    await retype(page, "#seed", "rio");
    await page.waitForFunction(() => location.search.includes("seed=rio"));
    expect((await addressBar(page)).searchParams.get("model")).toBe(`cnn@${stable}`);
  });

  it("an unknown address is a page with a way home for browsers, and JSON for programs", async () => {
    const page = await session.open("/nothing/here?at=all", PHONE);
    session.forgive(/status of 404/);
    await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
    expect(await page.$eval("img", (image) => [image.naturalHeight, image.alt])).toEqual([140, "404"]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    await Promise.all([page.waitForNavigation(), page.click('h1 ~ p a[href="/"]')]);
    expect(await textOf(page, "h1")).toBe("Type a word. Meet its digit.");
    for (const accept of ["*/*", "application/json", "image/avif,image/png,*/*;q=0.8"]) {
      const reply = await fetch(`${session.origin}/nothing/here`, { headers: { Accept: accept } });
      expect(reply.status).toBe(404);
      expect(await reply.json()).toMatchObject({ type: "/problems/not-found" });
    }
  });

  it("the page's address is a QR code for telephones, named for those who cannot see it", async () => {
    const page = await session.open("/?seed=lua&slant=4", DESKTOP);
    await pictureAddress(page);
    await page.click("#bench .copy ~ button");
    const canvas = "dialog[open] canvas";
    await page.waitForSelector(canvas);
    const side = Number(await sideOf(page, canvas));
    const levels = await pixelsOf(page, canvas);
    const data = Uint8Array.from(levels.flatMap((level) => [level, level, level, 255]));
    const { href } = await addressBar(page);
    expect(decodeQR({ width: side, height: side, data })).toBe(href);
    expect(await page.$eval(canvas, (element) => element.ariaLabel)).toBe(`QR code of ${href}`);
    const { width, height } = (await (await page.$("dialog[open]"))!.boundingBox())!;
    expect(width).toBeGreaterThan(500);
    expect(height).toBeLessThanOrEqual(DESKTOP.height);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelector("dialog") === null);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("QR code");
  });

  it("a cleared field says what the picture still shows", async () => {
    const page = await session.open("/?seed=lua", DESKTOP);
    await page.focus("#seed");
    await page.keyboard.press("End");
    for (let i = 0; i < 3; i++) await page.keyboard.press("Backspace");
    await waitForText(page, "#seed-hint", "The picture still shows “l”.");
    await page.keyboard.type("x");
    await waitForText(page, "#bench .reading", "“x” is a");
    expect(await textOf(page, "#seed-hint")).toBe("");
  });
});
