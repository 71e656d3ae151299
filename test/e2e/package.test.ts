// The package that npm publishes, as people use it: installed from its tarball into an empty folder, where it draws the
// service's own bytes from Node, a browser and the command line.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build } from "esbuild";
import { publint } from "publint";
import puppeteer from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parseSetCard } from "../../shared/dataset/card.ts";
import { dataSource, loadDataset } from "../../trainer/data/dataset.ts";

const PACKAGE = "build/package";
/** Bytes, unpacked. */
const MAX_SIZE = 700_000;

const run = promisify(execFile);
const npm = (...args: string[]) => run("npm", args, { shell: process.platform === "win32" });
const origin = inject("origin");
let folder: string;
let packed: { readonly filename: string; readonly unpackedSize: number };
let model: string;

const fetchBytes = async (path: string) => {
  const response = await fetch(`${origin}${path}&model=${model}&picture=2`);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};
/** What a module prints that is run in the folder. */
const runModule = async (code: string) => {
  await writeFile(join(folder, "script.mjs"), code);
  return (await run(process.execPath, ["script.mjs"], { cwd: folder, encoding: "buffer", maxBuffer: 1e8 }))
    .stdout;
};
const runCommand = (...args: string[]) =>
  run(process.execPath, [join(folder, "node_modules/edge-digits/cli.js"), ...args], { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const { stdout } = await npm("pack", "--json", "--pack-destination", folder, `./${PACKAGE}`);
  [packed] = JSON.parse(stdout);
  await writeFile(join(folder, "package.json"), "{}");
  const tarball = join(folder, packed.filename);
  await npm("install", "--prefix", folder, "--offline", "--no-audit", "--no-fund", tarball);
  const { models, default: name } = await (await fetch(`${origin}/models`)).json();
  model = `${name}@${models.find((each: { name: string }) => each.name === name).stable}`;
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the package", { tags: ["slow"] }, () => {
  it("is small, and depends on nothing", async () => {
    expect(packed.unpackedSize).toBeLessThanOrEqual(MAX_SIZE);
    const { packages } = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8"));
    expect(Object.keys(packages)).toEqual(["", "node_modules/edge-digits"]);
  });

  it("passes publint", async () => {
    expect((await publint({ pkgDir: PACKAGE, pack: "npm" })).messages).toEqual([]);
  });

  it("has types for everything that resolves ES modules", async () => {
    const tarball = createPackageFromTarballData(await readFile(join(folder, packed.filename)));
    const result = await checkPackage(tarball);
    expect(result.types).not.toBe(false);
    const { problems = [] } = result as { problems?: { kind: string; resolutionKind?: string }[] };
    const isOfOthers = ({ resolutionKind = "" }) => ["node10", "node16-cjs"].includes(resolutionKind);
    expect(problems.filter((problem) => !isOfOthers(problem))).toEqual([]);
  });

  it("is typed: wrong options do not compile", async () => {
    const source = `
      import { dataset, draw, number, type Picture } from "edge-digits";
      import { createClient } from "edge-digits/client";
      import { HandwrittenDigits } from "edge-digits/element";
      const seven = await draw({ seed: "ada", digit: 7 });
      const pictures: readonly Picture[] = [seven, await number(2026, { layout: "squares" })];
      const bytes: Uint8Array[] = pictures.map(({ png }) => png());
      const { pixels } = await dataset({ seed: "7", count: 10, slant: [-5, 5] });
      const digit: number = seven.digit + pixels.length + bytes.length;
      createClient("http://digits.example").sampleUrl({ digit });
      document.body.append(new HandwrittenDigits());
      // @ts-expect-error
      await draw({ digt: 7 });
      // @ts-expect-error
      await number({});
      // @ts-expect-error
      await dataset({ seed: "7" });`;
    await writeFile(join(folder, "use.mts"), source);
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    for (const resolution of ["nodenext", "bundler"]) {
      const module = resolution === "bundler" ? "esnext" : resolution;
      const options = ["--strict", "--noEmit", "--target", "es2023", "--lib", "es2023,dom", "--types", ""];
      const args = [tsc, ...options, "--module", module, "--moduleResolution", resolution, "use.mts"];
      const { stdout } = await run(process.execPath, args, { cwd: folder }).catch((error) => error);
      expect(stdout, resolution).toBe("");
    }
  });

  it("draws the service's bytes", async () => {
    const drawn = (call: string, form: string) =>
      runModule(`import { draw, number } from "edge-digits";
        process.stdout.write((await ${call}).${form}());`);
    for (const [call, path] of [
      ['draw({ seed: "ada" })', "/sample?seed=ada"],
      [
        'draw({ seed: "ada", digit: 7, size: 280, slant: -12, weight: 1.3, fg: "036", bg: "fff" })',
        "/sample?seed=ada&digit=7&size=280&slant=-12&weight=1.3&fg=036&bg=fff",
      ],
      [
        'draw({ seed: "ada", temperature: 0.25, guidance: 0.4 })',
        "/sample?seed=ada&temperature=0.25&guidance=0.4",
      ],
      ['number(2026, { seed: "ada", size: 64 })', "/number/2026?seed=ada&size=64"],
      [
        'number("007", { seed: "ada", size: 64, layout: "squares", temperature: 1.5, slant: 20 })',
        "/number/007?seed=ada&size=64&layout=squares&temperature=1.5&slant=20",
      ],
      ['number("11", { seed: "ada", spacing: 6 })', "/number/11?seed=ada&spacing=6"],
    ] as const) {
      expect(await drawn(call, "png"), call).toEqual(await fetchBytes(path));
      expect(await drawn(call, "svg"), call).toEqual(await fetchBytes(`${path}&format=svg`));
    }
  });

  it("says what drew a picture, and refuses what the service refuses", async () => {
    const said = await runModule(`import { draw, number } from "edge-digits";
      const { model, seed, digit } = await draw();
      const again = await draw({ seed });
      const refusal = await number("12a").catch((error) => error);
      const { name, message } = refusal;
      console.log(JSON.stringify({ model, isSame: again.digit === digit, random: seed.length > 10, name, message }));`);
    expect(JSON.parse(said.toString())).toEqual({
      model,
      isSame: true,
      random: true,
      name: "ArgumentError",
      message: 'parameter "digits": expected text that matches ^[0-9]{1,32}$, found "12a"',
    });
  });

  it("writes digits, numbers and data sets from the command line", async () => {
    await runCommand("draw", "ada.png", "--digit", "7", "--size", "280");
    expect(await readFile(join(folder, "ada.png"))).toEqual(
      await fetchBytes("/sample?seed=ada&digit=7&size=280"),
    );
    await runCommand("number", "2026", "out.svg", "--seed", "ada", "--size", "64");
    const svg = await fetchBytes("/number/2026?seed=ada&size=64&format=svg");
    expect(await readFile(join(folder, "out.svg"))).toEqual(svg);
    const set = ["--count", "300", "--seed", "7", "--slant=-9..9", "--digits", "358"];
    await runCommand("dataset", "--out", "mine", ...set);
    const card = parseSetCard(await readFile(join(folder, "mine/card.json")));
    expect(`${card.model.name}@${card.model.version}`).toBe(model);
    const { pixels, labels } = await loadDataset(dataSource(join(folder, "mine")), "train");
    const drawn = await runModule(`import { dataset } from "edge-digits";
      const set = { seed: "7", start: 290, count: 10, slant: [-9, 9], digits: [3, 5, 8] };
      const { pixels, labels } = await dataset(set);
      process.stdout.write(Buffer.concat([pixels, labels]));`);
    expect(drawn).toEqual(Buffer.concat([pixels.subarray(290 * 784), labels.subarray(290)]));
  });

  it("explains its commands, and exits with 2 after a wrong one", async () => {
    expect((await runCommand("--help")).stdout).toContain("npx edge-digits number DIGITS FILE");
    expect((await runCommand("dataset", "--help")).stdout).toContain(
      "Usage: npx edge-digits dataset [options]",
    );
    for (const args of [
      ["drow"],
      ["draw", "ada.gif"],
      ["draw"],
      ["draw", "ada.png", "--digit", "10"],
      ["draw", "ada.png", "--fg", "#fff"],
      ["number", "12a", "ada.png"],
      ["dataset", "--cuont", "3"],
      ["dataset", "--seed", "x".repeat(200)],
    ]) {
      const { code, stderr } = await runCommand(...args).catch((error) => error);
      expect([code, stderr], args.join(" ")).toEqual([2, expect.stringMatching(/^error: [^\n]+\n$/)]);
    }
  });

  it("shows numbers in a page, in the text's colour and in given ones, and again when they change", async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import "edge-digits/element"; export { number } from "edge-digits";`,
        resolveDir: folder,
      },
      bundle: true,
      format: "iife",
      globalName: "edgeDigits",
      write: false,
    });
    const browser = await puppeteer.connect({ browserWSEndpoint: inject("browser") });
    const page = await browser.newPage();
    try {
      // Without HTTPS, as on many a page in a school.
      await page.setContent(`<p style="color: rgb(0, 51, 102)">
        <handwritten-digits number="2026" seed="ada"></handwritten-digits>
        <handwritten-digits number="17" seed="ada" size="80" fg="ff0000" bg="fff"></handwritten-digits>
        <handwritten-digits number="x7"></handwritten-digits></p>`);
      await page.addScriptTag({ content: outputFiles[0]!.text });
      await page.waitForFunction(() =>
        [...document.querySelectorAll("handwritten-digits")].every(
          ({ shadowRoot }) => shadowRoot?.textContent || shadowRoot?.querySelector("svg"),
        ),
      );
      const show = () =>
        page.evaluate(() =>
          [...document.querySelectorAll("handwritten-digits")].map(({ shadowRoot, ariaLabel, role }) => {
            const svg = shadowRoot!.querySelector("svg");
            return {
              label: ariaLabel,
              role,
              paths: [...(svg?.querySelectorAll("g path") ?? [])].map((path) => path.getAttribute("d")),
              height: svg?.getBoundingClientRect().height,
              fill: svg && getComputedStyle(svg.querySelector("g")!).fill,
              text: svg ? undefined : shadowRoot!.textContent,
            };
          }),
        );
      const pathsOf = async (path: string) =>
        [...(await fetchBytes(path)).toString().matchAll(/<path transform="[^"]+" d="([^"]+)"/g)].map(
          ([, d]) => d,
        );
      const [asText, coloured, refused] = await show();
      expect(asText).toMatchObject({ label: "2026", role: "img", fill: "rgb(0, 51, 102)" });
      expect(asText!.paths).toEqual(await pathsOf("/number/2026?seed=ada&format=svg"));
      expect(coloured).toMatchObject({ height: 80, fill: "rgb(255, 0, 0)" });
      expect(refused).toMatchObject({ label: "x7", text: "x7" });
      await page.evaluate(() => {
        const [first, , last] = document.querySelectorAll("handwritten-digits");
        first!.setAttribute("number", "31");
        last!.setAttribute("number", "7");
      });
      await page.waitForFunction(() => {
        const [first, , last] = document.querySelectorAll("handwritten-digits");
        return (
          first!.shadowRoot!.querySelectorAll("g path").length === 2 && last!.shadowRoot!.querySelector("svg")
        );
      });
      expect((await show())[0]!.paths).toEqual(await pathsOf("/number/31?seed=ada&format=svg"));
    } finally {
      await page.close();
      await browser.disconnect();
    }
  });
});
