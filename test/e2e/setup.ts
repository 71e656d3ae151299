// One server with the bundled models and `vq`, and one browser for all end-to-end tests.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { launchChromium } from "../browser/chromium.ts";
import { startServiceWithCodes } from "./server-with-codes.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of the server. */
    readonly origin: string;
    /** Where puppeteer connects to the browser. */
    readonly browser: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const [server, browser] = await Promise.all([startServiceWithCodes(folder), launchChromium()]);
  project.provide("origin", server.origin);
  project.provide("browser", browser.wsEndpoint());
  return async () => {
    await Promise.all([browser.close(), server.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
