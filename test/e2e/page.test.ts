// The page as people use it: a real Chromium before a real server, on a phone in the dark and at a desk in the light.

import { describe, expect, it, vi } from "vitest";
import type { Card } from "../../shared/release/release.ts";
import { addressBar, jsonAddress, pictureAddress, sideOf, usePageSession } from "./page-session.ts";
import {
  DESKTOP,
  type Device,
  download,
  drag,
  goTo,
  PHONE,
  pixelsOf,
  press,
  retype,
  textOf,
  waitForText,
} from "./visitor.ts";

const session = usePageSession();

/** All journeys in a phone's narrow window; the wide one takes its time. */
function onEachDevice(journeys: (device: Device) => void) {
  describe(`on ${PHONE.name},`, () => journeys(PHONE));
  describe(`on ${DESKTOP.name},`, { tags: ["slow"] }, () => journeys(DESKTOP));
}

onEachDevice((device) => {
  it("a word becomes its digit as it is typed, and a link shows what its sender saw", async () => {
    const page = await session.open("/", device);
    await retype(page, "#seed", "otter & co");
    await page.click("#bench .digits label:nth-child(9)");
    await page.click("#bench summary");
    await page.waitForFunction(() => document.querySelector("#bench select")?.textContent?.includes("mlp"));
    await page.select("#bench select", "mlp");
    await press(page, "#bench .settings input[type=range]", "ArrowLeft", 20);
    await page.$eval("#bench input[type=color]", (input) => {
      (input as HTMLInputElement).value = "#ff8800";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.click("#bench .check input");
    await press(page, 'aria/Slant[role="slider"]', "ArrowLeft", 4);
    await press(page, 'aria/Boldness[role="slider"]', "ArrowRight", 2);
    const expected =
      "/sample?bg=transparent&digit=7&fg=ff8800&model=mlp&seed=otter%20%26%20co&size=200&slant=-4&weight=1.1";
    expect(await pictureAddress(page)).toBe(expected);
    expect(await textOf(page, "#snippet")).toBe(session.origin + expected);
    expect(await download(page, "#take a.button")).toEqual(await session.bytesAt(expected));
    await page.waitForFunction(() => location.search.includes("weight"));
    const link = await addressBar(page);
    await session.visit().close();
    const receiver = await session.open(link.pathname + link.search, device);
    expect(await pictureAddress(receiver)).toBe(expected);
    expect(await receiver.$eval("#seed", (field) => (field as HTMLInputElement).value)).toBe("otter & co");
  });

  it("the snippets work as shown, and can be copied", async () => {
    const page = await session.open("/?seed=it%27s+%22lunch%22&digit=3", device, {
      before: (fresh) =>
        fresh
          .browserContext()
          .overridePermissions(session.origin, ["clipboard-sanitized-write", "clipboard-read"]),
    });
    const snippets: string[] = [];
    for (const place of [1, 2, 3, 4, 5]) {
      await page.click(`#take .segments label:nth-child(${place})`);
      snippets.push(await textOf(page, "#snippet"));
    }
    const [address, html, curl, fetching, client] = snippets;
    const picture = await session.bytesAt(address!);
    expect((await fetch(address!)).headers.get("Content-Type")).toBe("image/png");
    const src = await page.evaluate(
      (text) => new DOMParser().parseFromString(text, "text/html").images[0]!.src,
      html!,
    );
    expect(await session.bytesAt(src)).toEqual(picture);
    expect(await session.bytesAt(/'(.+)'/.exec(curl!)![1]!)).toEqual(picture);
    expect(await session.bytesAt(JSON.parse(/fetch\((".+")\)/.exec(fetching!)![1]!))).toEqual(picture);
    expect(client).toContain("  digit: 3,");
    await page.click("#take .copy button");
    await waitForText(page, "#take [role=status]", "Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(client);
  });

  it("neighbours can be chosen, or taken along on a walk", async () => {
    const page = await session.open("/?seed=lua", device);
    await goTo(page, "#relatives .tile img");
    // Until the mixture is there, the first of the family stand in.
    await page.waitForFunction(() => {
      const src = document.querySelector("#relatives img")!.getAttribute("src")!;
      return src.includes("lua%2F") && !src.includes("lua%2F0&");
    });
    const second = "#relatives li:nth-child(2)";
    const seed = (await page.$eval(`${second} .tile`, (tile) => tile.getAttribute("aria-label")!)).split(
      /[“”]/,
    )[1]!;
    await page.click(`${second} .add`);
    await waitForText(page, "#relatives [role=status]", `“${seed}” is on the walk now.`);
    await page.click(`${second} .tile`);
    await page.waitForFunction(
      (name) => (document.querySelector("#seed") as HTMLInputElement).value === name,
      {},
      seed,
    );
    expect(new URL(await pictureAddress(page), session.origin).searchParams.get("seed")).toBe(seed);
    await goTo(page, "#walk .stops li");
    expect(
      await page.$$eval("#walk .stops li span", (names) => names.map((name) => name.textContent)),
    ).toEqual(["ada", "grace", "edsger", seed]);
  });

  it("a number is written", async () => {
    const page = await session.open("/?seed=lua", device);
    await goTo(page, "#number input");
    await retype(page, "#number input", "2026-11");
    await page.waitForFunction(() =>
      document.querySelector("#number img")!.getAttribute("src")!.includes("202611"),
    );
    expect(await page.$eval("#number img", (image) => image.getAttribute("alt"))).toBe(
      "202611 in handwriting",
    );
    await page.waitForFunction(
      () => (document.querySelector("#number img") as HTMLImageElement).naturalWidth > 100,
    );
    expect(await textOf(page, "#number code")).toBe(`${session.origin}/number/202611?seed=lua&size=160`);
  });

  it("on the map the digit follows pointer and arrow keys, and is bit-equal to the server's", async () => {
    const page = await session.open("/", device);
    await goTo(page, "#map canvas.big");
    await session.expectServersPixels(page, "#map");
    await waitForText(page, "#map .reading", /Most like a 7/);
    const before = await pixelsOf(page, "#map canvas.big");
    const heightOf = () => page.$eval("#map", (section) => section.getBoundingClientRect().height);
    const height = await heightOf();
    await drag(page, "#map .map", [
      [0.5, 0.5],
      [0.7, 0.4],
      [0.8, 0.2],
    ]);
    expect(await pixelsOf(page, "#map canvas.big")).not.toEqual(before);
    // What is being looked at stays in its place while the server is asked.
    expect(Math.abs((await heightOf()) - height)).toBeLessThan(60);
    await session.expectServersPixels(page, "#map");
    await page.waitForFunction(() => location.search.includes("place="));
    const place = async () => (await addressBar(page)).searchParams.get("place")!.split(",").map(Number);
    const [x, y] = await place();
    await press(page, "#map .map", "ArrowLeft", 3);
    await press(page, "#map .map", "ArrowDown", 2);
    await vi.waitFor(async () => expect((await place())[1]).toBeLessThan(y!), { timeout: 5000 });
    expect((await place())[0]).toBeLessThan(x!);
    await session.expectServersPixels(page, "#map");
    await press(page, "#map input[type=range]", "End");
    await session.expectServersPixels(page, "#map");
  });

  it("the sliders turn the seed's own digit into others", async () => {
    const page = await session.open("/?seed=lua", device);
    await goTo(page, "#dials canvas.big");
    await session.expectServersPixels(page, "#dials");
    const own = await pixelsOf(page, "#dials canvas.big");
    expect(await page.$$("#dials .dial")).toHaveLength(16);
    await press(page, "#dials .dial input", "End");
    await session.expectServersPixels(page, "#dials");
    expect(await pixelsOf(page, "#dials canvas.big")).not.toEqual(own);
    await page.click("#dials .beside button");
    await session.expectServersPixels(page, "#dials");
    expect(await pixelsOf(page, "#dials canvas.big")).toEqual(own);
  });

  it("a walk is played and scrubbed, arc next to line, and exported as the server draws it", async () => {
    const page = await session.open("/", device);
    await goTo(page, "#walk .films canvas");
    const films = ["#walk figure:nth-child(1) canvas", "#walk figure:nth-child(2) canvas"] as const;
    const start = await pixelsOf(page, films[0]);
    expect(await pixelsOf(page, films[1])).toEqual(start);
    await press(page, "#walk input[type=range]", "ArrowRight", 8);
    expect(await pixelsOf(page, films[0])).not.toEqual(start);
    expect(await pixelsOf(page, films[0])).not.toEqual(await pixelsOf(page, films[1]));
    const shown = () => page.$eval("#walk input[type=range]", (input) => (input as HTMLInputElement).value);
    expect(await shown()).toBe("8");
    await page.click("#walk .beside .primary");
    await vi.waitFor(async () => expect(Number(await shown())).toBeGreaterThan(9), { timeout: 5000 });
    await page.click("#walk .beside .primary");
    for (const place of [1, 2]) {
      const file = await download(page, `#walk figure:nth-child(${place}) figcaption > button`);
      expect(file).toEqual(
        await session.bytesAt(await textOf(page, `#walk figure:nth-child(${place}) code`)),
      );
    }
    await page.click("#walk .stops .remove");
    expect(await page.$$("#walk .stops li")).toHaveLength(2);
  });

  it("a drawn digit is read, drawn again and varied as the server would", async () => {
    const page = await session.open("/", device);
    await goTo(page, "#draw .pad canvas");
    await drag(page, "#draw .pad canvas", [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.65, 0.5],
      [0.45, 0.85],
    ]);
    await waitForText(page, "#draw .certainty [role=status]", /7, /);
    const drawing = await page.$eval("#draw .pad canvas", (canvas) =>
      (canvas as HTMLCanvasElement).toDataURL(),
    );
    const body = Buffer.from(drawing.split(",")[1]!, "base64");
    const post = { method: "POST", body, headers: { "Content-Type": "image/png" } };
    const drawnAgain = async (size: string) => {
      const reply = await fetch(`${session.origin}/reconstruct?format=json&size=${size}`, post);
      return (await reply.json()) as Record<string, { pixels: number[][] }>;
    };
    const { input } = await drawnAgain("28");
    expect(await pixelsOf(page, "#draw figure:nth-child(1) canvas")).toEqual(input!.pixels.flat());
    const again = "#draw figure:nth-child(2) canvas";
    const { reconstruction } = await drawnAgain(await sideOf(page, again));
    expect(await pixelsOf(page, again)).toEqual(reconstruction!.pixels.flat());
    await page.waitForSelector("#draw .pair .map .mark");
    expect(await pixelsOf(page, "#draw .variations canvas")).toEqual(
      await session.levelsAt(await jsonAddress(page, "#draw .variations a", "#draw .variations canvas")),
    );
    await page.click("#draw .pad button");
    expect(await page.$("#draw .seen")).toBeNull();
    await page.click("#draw .pad button:nth-child(2)");
    const own = await fetch(`${session.origin}/sample?seed=moon&format=json&details=true`);
    const { digit } = (await own.json()) as { digit: number };
    await waitForText(page, "#draw .certainty [role=status]", `${digit}, `);
  });

  it("a model of codes walks straight, and draws and varies what it sees as the server would", async () => {
    const page = await session.open("/?model=vq&seed=lua", device);
    await goTo(page, "#walk .films canvas");
    expect(await page.$$("#walk .films figure")).toHaveLength(1);
    expect(await download(page, "#walk figure figcaption > button")).toEqual(
      await session.bytesAt(await textOf(page, "#walk figure code")),
    );
    await goTo(page, "#draw .pad canvas");
    await page.click("#draw .pad button:nth-child(2)");
    await page.waitForSelector("#draw .variations canvas");
    expect(await jsonAddress(page, "#draw .variations a", "#draw .variations canvas")).toMatch(/codes=/);
    expect(await pixelsOf(page, "#draw .variations canvas")).toEqual(
      await session.levelsAt(await jsonAddress(page, "#draw .variations a", "#draw .variations canvas")),
    );
    // Codes have no directions to turn; the dials are another model's.
    await goTo(page, "#dials canvas.big");
    await session.expectServersPixels(page, "#dials");
  });

  it("every model has its card", async () => {
    const page = await session.open("/", device);
    await goTo(page, "#models .model svg");
    const names = await page.$$eval("#models h3", (titles) => titles.map((title) => title.textContent));
    const { models } = (await (await fetch(`${session.origin}/models`)).json()) as {
      models: { name: string; isDefault: boolean; stable: string }[];
    };
    expect(names).toEqual(models.map(({ name }) => name));
    const place = models.findIndex(({ isDefault }) => !isDefault);
    const { name, stable } = models[place]!;
    const card = (await (await fetch(`${session.origin}/models/${name}/${stable}/card.json`)).json()) as Card;
    const shown = await textOf(page, `#models li:nth-child(${place + 1})`);
    expect(shown).toContain(stable);
    expect(shown).toContain(`${card.metrics.quantized.total.toFixed(2)} nats`);
    expect(shown).toContain(`${card.history.length} epochs`);
    await page.click(`#models li:nth-child(${place + 1}) .actions button`);
    expect(await pictureAddress(page)).toContain(`model=${name}`);
  });
});
