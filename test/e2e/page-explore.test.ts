// The instruments of the page: drawing, map, learned directions and walk, each bit-equal to what the server draws.

import { expect, it, vi } from "vitest";
import { SCRIBBLES } from "../strokes.ts";
import {
  addressBar,
  jsonAddress,
  onEachDevice,
  pictureAddress,
  sideOf,
  usePageSession,
} from "./page-session.ts";
import { readApng } from "./readers.ts";
import { download, drag, goTo, pixelsOf, press, retype, textOf, waitForText } from "./visitor.ts";

const session = usePageSession();

onEachDevice((device) => {
  it("on the map the digit follows pointer and arrow keys, and nothing around it moves", async () => {
    const page = await session.open("/", device);
    await goTo(page, "#map canvas.big");
    await session.expectServersPixels(page, "#map");
    // The word lies where its digit is read.
    const word = /is a (\d)/.exec(await textOf(page, "#bench .reading"))![1];
    await waitForText(page, "#map .reading", `Most like a ${word}`);
    expect(await textOf(page, "#map .landmark.word")).toBe("moon");
    const before = await pixelsOf(page, "#map canvas.big");
    const heightOf = () => page.$eval("#map", (section) => section.getBoundingClientRect().height);
    const heights = new Set([await heightOf()]);
    await page.$eval("#map", (section) => {
      const seen: number[] = [];
      Object.assign(window, { seen });
      const note = () => {
        seen.push(section.getBoundingClientRect().height);
        requestAnimationFrame(note);
      };
      note();
    });
    await drag(page, "#map .map", [
      [0.5, 0.5],
      [0.7, 0.4],
      [0.8, 0.2],
    ]);
    expect(await pixelsOf(page, "#map canvas.big")).not.toEqual(before);
    await session.expectServersPixels(page, "#map");
    for (const height of await page.evaluate(() => (window as unknown as { seen: number[] }).seen)) {
      heights.add(height);
    }
    expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(2);
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

  it("directions turn the word's own digit into others", { tags: ["slow"] }, async () => {
    const page = await session.open("/?seed=lua", device);
    await goTo(page, "#dials canvas.big");
    await session.expectServersPixels(page, "#dials");
    const own = await pixelsOf(page, "#dials canvas.big");
    expect((await page.$$("#dials .dial")).length).toBeGreaterThan(6);
    const back = "#dials .watched button";
    for (const reset of [back, "#dials .dial button"]) {
      await press(page, "#dials .dial input", "End");
      await session.expectServersPixels(page, "#dials");
      expect(await pixelsOf(page, "#dials canvas.big")).not.toEqual(own);
      await page.click(reset);
      if (reset === back) expect(await pixelsOf(page, "#dials canvas.big")).toEqual(own);
      await session.expectServersPixels(page, "#dials");
    }
  });

  it("a walk to another word is played, and saved as the server draws it, at any size", async () => {
    const page = await session.open("/?seed=ada", device);
    await goTo(page, "#walk .goals input");
    await retype(page, "#walk .goals label:nth-child(2) input", "grace");
    await waitForText(page, "#walk .note", /to “grace”, a \d\.$/);
    const film = "#walk .film canvas";
    const start = await pixelsOf(page, film);
    const position = 'aria/Position[role="slider"]';
    await press(page, position, "ArrowRight", 8);
    expect(await pixelsOf(page, film)).not.toEqual(start);
    const shown = () => page.$eval(position, (input) => (input as HTMLInputElement).value);
    expect(await shown()).toBe("8");
    await page.click("#walk .primary");
    await vi.waitFor(async () => expect(Number(await shown())).not.toBe(8), { timeout: 5000 });
    await page.click("#walk .primary");
    // The server's animation is smaller, but of the same latents.
    const address = await textOf(page, "#walk code");
    const { latents } = await frames(address);
    await page.click("#walk .save label:nth-child(1)");
    const file = readApng(await download(page, "#walk .save button"));
    expect(file.frames).toHaveLength(latents.length);
    const model = new URL(address).searchParams.get("model")!;
    for (const at of [0, 11, 24]) {
      const query = new URLSearchParams({
        z: latents[at]!.join(),
        model,
        size: "128",
        format: "json",
        picture: "2",
      });
      expect(file.frames[at]).toEqual(await session.levelsAt(`/decode?${query}`));
    }
    await page.waitForFunction(() => location.search.includes("to=grace"));
  });

  it("a drawn digit is read, drawn again and varied as the server would", async () => {
    const page = await session.open("/", device);
    await pictureAddress(page);
    await goTo(page, "#draw .pad canvas");
    await drag(page, "#draw .pad canvas", [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.65, 0.5],
      [0.45, 0.85],
    ]);
    await waitForText(page, "#draw .certainty [role=status]", /reads 7, /);
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
    expect(await pixelsOf(page, "#draw .variations canvas")).toEqual(
      await session.levelsAt(await jsonAddress(page, "#draw .variations a", "#draw .variations canvas")),
    );
    await goTo(page, "#map .landmark.drawing");
    await page.click("#draw .pad button:nth-child(2)");
    await page.waitForFunction(() => document.querySelectorAll("#draw .seen canvas").length === 0);
    await page.waitForSelector("#draw .pad button:nth-child(3):enabled");
    await page.click("#draw .pad button:nth-child(3)");
    const word = /is a (\d)/.exec(await textOf(page, "#bench .reading"))![1];
    await waitForText(page, "#draw .certainty [role=status]", `reads ${word}, `);
    await page.click("#draw .pad button:nth-child(2)");
    for (const line of SCRIBBLES.hash!) await drag(page, "#draw .pad canvas", line);
    await waitForText(page, "#draw .certainty [role=status]", /no digit it knows; a \d comes nearest/);
  });

  it("a model of codes walks straight, and draws and varies what it sees as the server would", {
    tags: ["slow"],
  }, async () => {
    const page = await session.open("/?model=vq&seed=lua", device);
    await pictureAddress(page);
    await goTo(page, "#draw .pad canvas");
    await page.waitForSelector("#draw .pad button:nth-child(3):enabled");
    await page.click("#draw .pad button:nth-child(3)");
    await page.waitForSelector("#draw .variations canvas");
    expect(await jsonAddress(page, "#draw .variations a", "#draw .variations canvas")).toMatch(/codes=/);
    expect(await pixelsOf(page, "#draw .variations canvas")).toEqual(
      await session.levelsAt(await jsonAddress(page, "#draw .variations a", "#draw .variations canvas")),
    );
    // It does not say which digit it sees; another does, by name.
    await waitForText(page, "#draw .certainty [role=status]", /^mlp reads \d/);
    // Codes have no directions; those shown are another model's, by name.
    await goTo(page, "#dials canvas.big");
    await session.expectServersPixels(page, "#dials");
    await waitForText(page, "#dials .watched .note", /^With digits, “lua” is a \d\.$/);
    await goTo(page, "#walk .film canvas");
    const { latents } = await frames(await textOf(page, "#walk code"));
    await page.click("#walk .save label:nth-child(1)");
    expect(readApng(await download(page, "#walk .save button")).frames).toHaveLength(latents.length);
  });
});

/** The latents of an animation, by its address. */
async function frames(address: string): Promise<{ latents: number[][] }> {
  const json = new URL(address);
  for (const name of ["fps", "size"]) json.searchParams.delete(name);
  json.searchParams.set("format", "json");
  json.searchParams.set("details", "true");
  const { frames } = (await (await fetch(json)).json()) as { frames: { latent?: number[] }[] };
  return { latents: frames.map(({ latent }) => latent ?? []) };
}
