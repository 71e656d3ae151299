// A server and a browser for the tests of the page, and one visit at a time, which must end without a complaint of the
// browser's.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchChromium } from "../browser/chromium.ts";
import { type Server, startService } from "./server.ts";
import { type Device, pixelsOf, type Visit, visit, waitForText } from "./visitor.ts";

export interface Session {
  readonly origin: () => string;
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

  const reply = (address: string) => fetch(new URL(address, server.origin));
  const levelsAt = async (address: string) =>
    ((await (await reply(address)).json()) as { pixels: number[][] }).pixels.flat();
  return {
    origin: () => server.origin,
    open: async (path, device, options) => {
      current = await visit(browser, server.origin + path, device, options);
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
      expect(await pixelsOf(page, `${part} .beside canvas.big`)).toEqual(
        await levelsAt(await jsonAddress(page, `${part} .proof a`)),
      );
    },
  };
}

/** Where a link to a picture of 280 pixels leads, as JSON of the digit's own. */
export async function jsonAddress(page: Page, selector: string): Promise<string> {
  const address = new URL(await page.$eval(selector, (link) => (link as HTMLAnchorElement).href));
  address.searchParams.delete("size");
  address.searchParams.set("format", "json");
  return address.href;
}

export const pictureAddress = (page: Page): Promise<string> =>
  page.$eval("#bench img", (image) => image.getAttribute("src")!);

export const addressBar = async (page: Page): Promise<URL> =>
  new URL(await page.evaluate(() => location.href));
