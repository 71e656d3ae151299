// The promise of schemes s1, vq1, f1 and n1 and of picture format 2 in a real browser: the frozen bits, and the same picture
// files as in Node.

import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { beforeAll, describe, expect, inject, it } from "vitest";
import kernels from "../../build/decode-kernels.wasm";
import frozenFlow from "../vectors/f1.json" with { type: "json" };
import frozenNoise from "../vectors/n1.json" with { type: "json" };
import frozenInk from "../vectors/picture-2.json" with { type: "json" };
import frozen from "../vectors/s1.json" with { type: "json" };
import frozenCodes from "../vectors/vq1.json" with { type: "json" };
import { type Computed, compute } from "./page.ts";

let computed: Computed;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: ["test/browser/page.ts"],
    bundle: true,
    format: "iife",
    globalName: "edgeDigits",
    target: "es2023",
    write: false,
  });
  const wasm = await readFile("build/decode-kernels.wasm", "base64");
  const browser = await puppeteer.connect({ browserWSEndpoint: inject("browser") });
  const page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]!.text });
  computed = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const { edgeDigits } = globalThis as unknown as { edgeDigits: { compute: typeof compute } };
    return edgeDigits.compute(await WebAssembly.compile(bytes));
  }, wasm);
  await page.close();
  await browser.disconnect();
}, 120_000);

describe("in Chromium, the kernel gives the frozen bits of", () => {
  it("the latents of 2,000 seeds", () => {
    expect(computed.latents).toEqual(frozen.latents);
  });

  it.each(frozen.decoders)("the logits and pixels of the $model decoder", (expected) => {
    expect(computed.decoders.find(({ model }) => model === expected.model)).toEqual(expected);
  });

  it("the codes and pixels that scheme vq1 draws", () => {
    const { scheme: _, ...expected } = frozenCodes;
    expect(computed.codes).toEqual(expected);
  });

  it("the latents, pixels and walks that scheme f1 draws", () => {
    const { scheme: _, ...expected } = frozenFlow;
    expect(computed.flow).toEqual(expected);
  });

  it("the noise, pixels and walk that scheme n1 draws", () => {
    const { scheme: _, ...expected } = frozenNoise;
    expect(computed.noise).toEqual(expected);
  });

  it("the fields, pixels and outlines that picture format 2 draws", () => {
    const { scheme: _, ...expected } = frozenInk;
    expect(computed.ink).toEqual(expected);
  });

  it("the picture files, planes and walks that Node makes", () => {
    const { pictures, walks } = compute(kernels);
    expect(computed.pictures).toEqual(pictures);
    expect(computed.walks).toEqual(walks);
  });
});
