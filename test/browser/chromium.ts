// A headless Chromium from the npm package, so that no system package is needed.

import puppeteer, { type Browser } from "puppeteer-core";

export async function launchChromium(): Promise<Browser> {
  // Where the package believes itself on Lambda it brings the libraries that a bare system lacks (NSS).
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  return puppeteer.launch({
    executablePath: await chromium.executablePath(),
    // In a single process, as Lambda wants it, a second browser context ends the browser.
    args: chromium.args.filter((argument) => argument !== "--single-process"),
    headless: "shell",
  });
}
