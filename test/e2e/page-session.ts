// Visits to the page for its tests, one at a time; each must end without a complaint of the browser's.

import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject } from "vitest";
import { DESKTOP, type Device, PHONE, pixelsOf, type Visit, visit, waitForText } from "./visitor.ts";

export interface Session {
  readonly origin: string;
  /** In white on black unless the path has colours, so that a canvas's levels are the ink's. */
  readonly open: (path: string, device: Device, options?: Parameters<typeof visit>[3]) => Promise<Page>;
  /** The visit that `open` began. */
  readonly visit: () => Visit;
  /** Complaints that a test has caused on purpose. */
  readonly forgive: (reason: RegExp) => void;
  readonly bytesAt: (address: string) => Promise<Uint8Array>;
  /** Grey levels of a picture of the API, by its address as JSON. */
  readonly levelsAt: (address: string) => Promise<number[]>;
  /** That a part says that its digit is the server's, and that it is. */
  readonly expectServersPixels: (page: Page, part: string) => Promise<void>;
}

/** Call it once, at the top of a file of tests. */
export function usePageSession(): Session {
  const origin = inject("origin");
  let browser: Browser;
  let current: Visit | undefined;

  beforeAll(async () => {
    browser = await puppeteer.connect({ browserWSEndpoint: inject("browser") });
  });

  afterEach(async () => {
    const { complaints = [], close } = current ?? {};
    current = undefined;
    await close?.();
    expect(complaints).toEqual([]);
  });

  afterAll(() => browser?.disconnect());

  const reply = (address: string) => fetch(new URL(address, origin));
  const levelsAt = async (address: string) =>
    ((await (await reply(address)).json()) as { pixels: number[][] }).pixels.flat();
  return {
    origin,
    open: async (path, device, options) => {
      current = await visit(browser, whiteOnBlack(new URL(path, origin)), device, options);
      return current.page;
    },
    visit: () => current!,
    forgive: (reason) => {
      const complaints = current!.complaints as string[];
      expect(complaints.filter((complaint) => !reason.test(complaint))).toEqual([]);
      complaints.length = 0;
    },
    bytesAt: async (address) => new Uint8Array(await (await reply(address)).arrayBuffer()),
    levelsAt,
    expectServersPixels: async (page, part) => {
      await waitForText(page, `${part} .badge`, "All 784 pixels equal the server's");
      const canvas = `${part} canvas.big`;
      expect(await pixelsOf(page, canvas)).toEqual(
        await levelsAt(await jsonAddress(page, `${part} .proof a`, canvas)),
      );
    },
  };
}

/** The address with the colours in which a canvas's levels are the ink's. */
export function whiteOnBlack(url: URL): string {
  if (["/", "/pt-br"].includes(url.pathname) && !url.searchParams.has("ink")) {
    url.searchParams.set("ink", "ffffff");
    url.searchParams.set("ground", "000000");
  }
  return url.href;
}

/** Where a link to a picture leads, as JSON of a canvas's size. */
export async function jsonAddress(page: Page, selector: string, canvas: string): Promise<string> {
  const address = new URL(await page.$eval(selector, (link) => (link as HTMLAnchorElement).href));
  address.searchParams.set("size", await sideOf(page, canvas));
  address.searchParams.set("format", "json");
  return address.href;
}

/** Waits until the page's digit is a model's; its link may be gone for a moment. */
export async function waitForModel(page: Page, model: string): Promise<void> {
  await page.waitForFunction(
    (part) => document.querySelector("#bench .proof a")?.getAttribute("href")?.includes(part),
    {},
    `model=${encodeURIComponent(model)}`,
  );
}

/** In pixels of its own. */
export const sideOf = (page: Page, canvas: string): Promise<string> =>
  page.$eval(canvas, (element) => String((element as HTMLCanvasElement).width));

/** Model, colours and handwriting; they are open where the address has chosen any. */
export async function openSettings(page: Page): Promise<void> {
  if (!(await page.$("#bench details[open]"))) await page.click("#bench summary");
}

/** Of the word's digit, pinned; once the page has drawn it. */
export async function pictureAddress(page: Page): Promise<string> {
  await page.waitForSelector("#bench .stage canvas");
  return page.$eval("#bench .proof a", (link) => link.getAttribute("href")!);
}

export const addressBar = async (page: Page): Promise<URL> =>
  new URL(await page.evaluate(() => location.href));

/** All journeys in a phone's narrow window; the wide one takes its time. */
export function onEachDevice(journeys: (device: Device) => void) {
  describe(`on ${PHONE.name},`, () => journeys(PHONE));
  describe(`on ${DESKTOP.name},`, { tags: ["slow"] }, () => journeys(DESKTOP));
}
