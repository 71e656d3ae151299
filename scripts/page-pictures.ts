// Pictures of the page for the README: its beginning in both colour schemes, and its map.

import { writeFile } from "node:fs/promises";
import { decode as decodePng } from "fast-png";
import UPNG from "upng-js";
import { launchChromium } from "../test/browser/chromium.ts";

const VIEW = { width: 1200, height: 660 };
/** Of a picture's palette: few, for small files. */
const [DRAWING, MAP] = [32, 64];
const MAP_SCALE = 0.75;

/** @param origin  of a running service @param folder  receives the pictures */
export async function takePagePictures(origin: string, folder: string): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.setViewport(VIEW);
    for (const [scheme, file] of [
      ["light", "page.png"],
      ["dark", "page-dark.png"],
    ] as const) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(origin, { waitUntil: "load" });
      await page.waitForSelector("#bench .badge.same");
      await save(`${folder}/${file}`, await page.screenshot(), DRAWING);
    }
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    await page.setViewport({ ...VIEW, deviceScaleFactor: MAP_SCALE });
    await page.$eval("#map", (map) => map.scrollIntoView());
    await page.waitForSelector("#map canvas.dots");
    const explorer = await page.waitForSelector("#map .explorer:has(.badge.same)");
    await save(`${folder}/page-map.png`, await explorer!.screenshot(), MAP);
  } finally {
    await browser.close();
  }
}

async function save(file: string, screenshot: Uint8Array, colours: number): Promise<void> {
  const { width, height, channels, data } = decodePng(screenshot);
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(data.subarray(i * channels, i * channels + 3), 4 * i);
  await writeFile(file, new Uint8Array(UPNG.encode([rgba.buffer], width, height, colours)));
  console.log(file);
}
