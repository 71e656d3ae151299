// A person at the page in a real Chromium: opens it on a device, and does what hands do.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, KeyInput, Page } from "puppeteer-core";
import { expect, vi } from "vitest";

export interface Device {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
}

export const PHONE = { name: "a phone, dark", width: 360, height: 740, scheme: "dark" } as const;
export const DESKTOP = { name: "a desktop, light", width: 1280, height: 900, scheme: "light" } as const;

export interface Visit {
  readonly page: Page;
  /** Of every request so far. */
  readonly requests: readonly string[];
  /** What the browser complained of: errors of scripts, and what the policy forbade. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

interface VisitOptions {
  readonly languages?: string;
  readonly hasScripts?: boolean;
  /** Called before the page is requested. */
  readonly before?: (page: Page) => Promise<void>;
}

/** Opens an address in a browser that remembers nothing. */
export async function visit(
  browser: Browser,
  url: string,
  { width, height, scheme }: Device,
  { languages = "en", hasScripts = true, before }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const [requests, complaints]: [string[], string[]] = [[], []];
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.setViewport({ width, height, hasTouch: width < 600 });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  const session = await page.createCDPSession();
  const userAgent = await browser.userAgent();
  // Other tests' pages, in the same browser, do not take the focus.
  await session.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await session.send("Emulation.setUserAgentOverride", { userAgent, acceptLanguage: languages });
  await page.setJavaScriptEnabled(hasScripts);
  await before?.(page);
  await page.goto(url, { waitUntil: "load" });
  const isAlive = "#bench fieldset:not(:disabled)";
  if (hasScripts && (await page.$("#bench"))) await page.waitForSelector(isAlive);
  return { page, requests, complaints, close: () => context.close() };
}

/** Scrolls a part (the selector begins with its id) into the window, and waits for what it loads. */
export async function goTo(page: Page, selector: string): Promise<void> {
  await page.$eval(selector.split(" ")[0]!, (part) => part.scrollIntoView());
  await page.waitForSelector(selector);
}

export const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent!);

/** Waits until an element says something. */
export async function waitForText(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await vi.waitFor(
    async () => {
      const found = await textOf(page, selector);
      if (typeof text === "string") expect(found).toContain(text);
      else expect(found).toMatch(text);
    },
    { timeout: 15_000, interval: 50 },
  );
}

/** Replaces what a field holds, key by key. */
export async function retype(page: Page, selector: string, text: string): Promise<void> {
  await page.focus(selector);
  await page.$eval(selector, (field) => (field as HTMLInputElement).select());
  await page.type(selector, text);
}

export async function press(page: Page, selector: string, key: KeyInput, times = 1): Promise<void> {
  await page.focus(selector);
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
}

/** Grey levels of a canvas. */
export const pixelsOf = (page: Page, selector: string): Promise<number[]> =>
  page.$eval(selector, (element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]!);
  });

/** Presses, moves through points given as shares of an element's sides, and lets go. */
export async function drag(
  page: Page,
  selector: string,
  points: readonly (readonly [x: number, y: number])[],
): Promise<void> {
  const element = (await page.$(selector))!;
  await element.scrollIntoView();
  const { x: left, y: top, width, height } = (await element.boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [left + x * width, top + y * height] as const;
  await page.mouse.move(...at(points[0]!));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 5 });
  await page.mouse.up();
}

/** What lands in the downloads folder when something is clicked. */
export async function download(page: Page, selector: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-downloads-"));
  try {
    const session = await page.createCDPSession();
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: folder,
      browserContextId: (page.browserContext() as unknown as { id: string }).id,
    });
    await page.click(selector);
    return await vi.waitFor(
      async () => {
        const [file] = (await readdir(folder)).filter((name) => !name.endsWith(".crdownload"));
        return new Uint8Array(await readFile(join(folder, file!)));
      },
      { timeout: 10_000, interval: 50 },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
