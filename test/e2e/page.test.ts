// The page as people use it: a real Chromium before a real server, on a phone in the dark and at a desk in the light. The word,
// its digit, and what is taken away; page-explore.test.ts has the rest.

import { expect, it } from "vitest";
import type { Card } from "../../shared/release/release.ts";
import { DIGITS } from "../strokes.ts";
import {
  addressBar,
  onEachDevice,
  openSettings,
  pictureAddress,
  usePageSession,
  waitForModel,
} from "./page-session.ts";
import { download, drag, goTo, pixelsOf, press, retype, textOf, waitForText } from "./visitor.ts";

const session = usePageSession();

onEachDevice((device) => {
  it("a word becomes its digit as it is typed, and a link shows what its sender saw", async () => {
    const page = await session.open("/", device);
    await pictureAddress(page);
    const before = session.visit().requests.filter((url) => url.includes("/sample")).length;
    await retype(page, "#seed", "otter & co");
    await page.click("#bench .digits label:nth-child(9)");
    await waitForText(page, "#bench .reading", "“otter & co” is a 7.");
    await session.expectServersPixels(page, "#bench");
    // The page drew each letter; the server was asked about the last ones, at rest.
    const after = session.visit().requests.filter((url) => url.includes("/sample")).length;
    expect(after - before).toBeLessThan(5);
    await openSettings(page);
    await page.waitForFunction(() => document.querySelector("#bench select")?.textContent?.includes("mlp"));
    await page.select("#bench select", "mlp");
    await page.$eval("#bench input[type=color]", (input) => {
      (input as HTMLInputElement).value = "#ff8800";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.click("#bench .check input");
    await press(page, 'aria/Slant[role="slider"]', "ArrowLeft", 4);
    await press(page, 'aria/Boldness[role="slider"]', "ArrowRight", 2);
    await goTo(page, "#take input");
    await press(page, 'aria/Size[role="slider"]', "ArrowLeft", 20);
    await page.click("#take fieldset.segments:nth-of-type(2) label:nth-child(2)");
    const expected =
      "/sample?bg=transparent&digit=7&fg=ff8800&model=mlp&seed=otter%20%26%20co&size=200&slant=-4&weight=1.1";
    await waitForText(page, "#snippet", session.origin + expected);
    await page.waitForFunction(() => document.querySelector("#bench select")?.nextSibling !== null);
    await waitForModel(page, "mlp@");
    // The page makes the file itself.
    expect(await download(page, "#take .snippets a.button")).toEqual(await session.bytesAt(expected));
    await page.waitForFunction(() => location.search.includes("weight"));
    const link = await addressBar(page);
    await session.visit().close();
    const receiver = await session.open(link.pathname + link.search, device);
    await waitForText(receiver, "#snippet", session.origin + expected);
    expect(await receiver.$eval("#seed", (field) => (field as HTMLInputElement).value)).toBe("otter & co");
    // What is set in it is to be seen.
    expect(await receiver.$eval("#bench details", (details) => details.open)).toBe(true);
  });

  it("digits are ink on paper unless other colours are chosen, and so are their addresses", async () => {
    const page = await session.open("/?ink=", device);
    await pictureAddress(page);
    await waitForText(page, "#snippet", "bg=fffdf8&fg=1a1b1e");
    const corner = () =>
      page.$eval("#bench .stage canvas", (canvas) => [
        ...(canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, 1, 1).data,
      ]);
    expect(await corner()).toEqual([0xff, 0xfd, 0xf8, 255]);
    expect(await download(page, "#take .snippets a.button")).toEqual(
      await session.bytesAt(await textOf(page, "#snippet")),
    );
    await openSettings(page);
    await page.click("#bench .colours .segments label:nth-child(2)");
    expect(await corner()).toEqual([0, 0, 0, 255]);
    expect(await textOf(page, "#snippet")).not.toMatch(/[fb]g=/);
    // What is drawn on paper is read as white on black is.
    await page.click("#bench .colours .segments label:nth-child(1)");
    await goTo(page, "#draw .pad canvas");
    for (const line of DIGITS[4]!) await drag(page, "#draw .pad canvas", line);
    await waitForText(page, "#draw .certainty [role=status]", /reads 4, /);
  });

  it("the snippets work as shown, can be copied, and always give the same picture", {
    tags: ["slow"],
  }, async () => {
    const page = await session.open("/?seed=it%27s+%22lunch%22&digit=3", device, {
      before: (fresh) =>
        fresh
          .browserContext()
          .overridePermissions(session.origin, ["clipboard-sanitized-write", "clipboard-read"]),
    });
    await pictureAddress(page);
    const snippets: string[] = [];
    for (const place of [1, 2, 3, 4, 5, 6, 7]) {
      await page.click(`#take fieldset.segments:nth-of-type(3) label:nth-child(${place})`);
      snippets.push(await textOf(page, "#snippet"));
    }
    const [address, html, markdown, react, curl, fetching, client] = snippets;
    const reply = await fetch(address!);
    expect(reply.headers.get("Content-Type")).toBe("image/png");
    expect(reply.headers.get("Cache-Control")).toContain("immutable");
    const picture = new Uint8Array(await reply.arrayBuffer());
    const src = await page.evaluate(
      (text) => new DOMParser().parseFromString(text, "text/html").images[0]!.src,
      html!,
    );
    const addresses = [
      src,
      /\((.+)\)$/.exec(markdown!)![1]!,
      JSON.parse(/src={(".+?")}/.exec(react!)![1]!),
      /'(.+)'/.exec(curl!)![1]!,
      JSON.parse(/fetch\((".+")\)/.exec(fetching!)![1]!),
    ];
    for (const each of addresses) expect(await session.bytesAt(each)).toEqual(picture);
    expect(client).toContain("  digit: 3,");
    await page.click("#take .copy button");
    await waitForText(page, "#take [role=status]", "Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(client);
  });

  it("copies and shares where there is no Clipboard API, as on a network without HTTPS", {
    tags: ["slow"],
  }, async () => {
    const page = await session.open("/?seed=lua", device, {
      before: async (fresh) => {
        await fresh
          .browserContext()
          .overridePermissions(session.origin, ["clipboard-sanitized-write", "clipboard-read"]);
        await fresh.evaluateOnNewDocument(() => {
          Object.assign(window, { kept: navigator.clipboard });
          Object.defineProperties(navigator, {
            clipboard: { value: undefined },
            share: { value: undefined },
          });
        });
      },
    });
    const copied = () => page.evaluate(() => (window as unknown as { kept: Clipboard }).kept.readText());
    await pictureAddress(page);
    await goTo(page, "#walk code");
    await page.click("#walk .copy button");
    await waitForText(page, "#walk .copy [role=status]", "Copied");
    expect(await copied()).toBe(await textOf(page, "#walk code"));
    await page.click("#bench .copy button");
    await waitForText(page, "#bench .copy [role=status]", "Link copied");
    expect(await copied()).toBe((await addressBar(page)).href);
  });

  it("neighbours can be chosen, or walked to, and Back returns to the word before", async () => {
    const page = await session.open("/?seed=lua", device);
    await goTo(page, "#relatives .tile canvas");
    const [first, second] = await page.$$eval("#relatives .tile", (tiles) =>
      tiles.map((tile) => tile.getAttribute("aria-label")!),
    );
    expect(first).toMatch(/^Make “lua\/\d+”, a \d, your word$/);
    const seedOf = (label: string) => label.split(/[“”]/)[1]!;
    await page.click("#relatives li:nth-child(2) .add");
    await page.waitForSelector('#relatives li:nth-child(2) .add[aria-pressed="true"]');
    await page.click("#relatives li:nth-child(1) .tile");
    await waitForText(page, "#bench .reading", `“${seedOf(first!)}” is a`);
    await goTo(page, "#walk .goals input");
    const fields = await page.$$eval("#walk .goals input", (inputs) => inputs.map(({ value }) => value));
    expect(fields).toEqual([seedOf(first!), seedOf(second!)]);
    await page.goBack();
    await waitForText(page, "#bench .reading", "“lua” is a");
    await page.goForward();
    await waitForText(page, "#bench .reading", `“${seedOf(first!)}” is a`);
    expect(await page.$eval("#seed", (field) => (field as HTMLInputElement).value)).toBe(seedOf(first!));
  });

  it("a number is written as the server writes it", async () => {
    const page = await session.open("/?seed=lua", device);
    await goTo(page, "#number canvas");
    await retype(page, "#number input", "2026-11");
    await waitForText(page, "#number small", "Only digits are written: 202611");
    const canvas = '#number canvas[aria-label="202611 in handwriting"]';
    await page.waitForSelector(canvas);
    const address = await textOf(page, "#number code");
    expect(new URL(address).pathname).toBe("/number/202611");
    expect(await pixelsOf(page, canvas)).toEqual(await session.levelsAt(`${address}&format=json`));
  });

  it("a list of names becomes one picture", { tags: ["slow"] }, async () => {
    const page = await session.open("/", device);
    await goTo(page, "#take .sheet li canvas");
    await page.$eval("#take textarea", (area) => (area as HTMLTextAreaElement).select());
    await page.type("#take textarea", "Ana\nBob; Ana");
    await page.waitForFunction(() => document.querySelectorAll("#take .named li").length === 2);
    const labels = await page.$$eval("#take .named canvas", (all) => all.map((each) => each.ariaLabel));
    expect(labels[1]).toMatch(/^A handwritten \d, the digit of “Bob”$/);
    const file = await download(page, "#take .sheet button");
    expect(new DataView(file.buffer).getUint32(16)).toBe(2 * (224 + 24) + 24);
  });

  it("every model has its card, and can be used", async () => {
    const page = await session.open("/", device);
    await goTo(page, "#models .model summary");
    const names = await page.$$eval("#models h3", (titles) => titles.map((title) => title.textContent));
    const { models } = (await (await fetch(`${session.origin}/models`)).json()) as {
      models: { name: string; isDefault: boolean; stable: string }[];
    };
    expect(names).toEqual(models.map(({ name }) => name));
    const place = models.findIndex(({ isDefault }) => !isDefault);
    const { name, stable } = models[place]!;
    const card = (await (await fetch(`${session.origin}/models/${name}/${stable}/card.json`)).json()) as Card;
    const item = `#models .models > li:nth-child(${place + 1})`;
    await page.click(`${item} summary`);
    await page.waitForSelector(`${item} svg`);
    const shown = await textOf(page, item);
    expect(shown).toContain(stable);
    expect(shown).toContain(`${card.metrics.quantized.total.toFixed(2)} nats`);
    expect(shown).toContain(`${card.history.length} epochs`);
    await page.click(`${item} .actions button`);
    await waitForModel(page, `${name}@${stable}`);
    await session.expectServersPixels(page, "#bench");
  });
});
