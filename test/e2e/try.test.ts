// The forms of /docs, as people use them.

import { expect, it } from "vitest";
import { usePageSession } from "./page-session.ts";
import { DESKTOP, textOf, waitForText } from "./visitor.ts";

const session = usePageSession();

it("/docs has a way home, addresses of parameters, and its own origin in examples", async () => {
  const page = await session.open("/docs#sample-temperature", DESKTOP);
  expect(await page.$eval(".top a", (link) => link.getAttribute("href"))).toBe("/");
  expect(await page.$eval(":target", (target) => target.textContent)).toContain("temperature");
  await page.waitForFunction(() => !document.body.textContent.includes("digits.example"));
  expect(await textOf(page, "#client code")).toContain(`createClient("${session.origin}")`);
});

it("every picture of /docs is as high as the page says before it has loaded", async () => {
  const page = await session.open("/docs", DESKTOP);
  const heights = await page.$$eval(".examples img", async (images) => {
    for (const image of images) image.loading = "eager";
    await Promise.all(images.map((image) => image.decode()));
    return images.map(({ src, naturalHeight, clientHeight }) => [src, naturalHeight, clientHeight] as const);
  });
  expect(heights.length).toBeGreaterThan(15);
  for (const [src, natural, shown] of heights) expect([src, shown]).toEqual([src, natural]);
});

it("an operation of /docs is tried with one's own values, uploads too, and what is refused is explained", async () => {
  const page = await session.open("/docs", DESKTOP);
  await page.$$eval(".try", (all) => {
    for (const details of all as HTMLDetailsElement[]) details.open = true;
  });
  const send = (id: string) => page.$eval(`#${id} .try button`, (button) => (button as HTMLElement).click());
  const fill = (id: string, value: string) =>
    page.$eval(
      `#${id}`,
      (field, text) => {
        (field as HTMLInputElement).value = text;
      },
      value,
    );
  await fill("sample-try-seed", "a b&c");
  await fill("sample-try-digit", "7");
  await send("sample");
  await page.waitForSelector("#sample .exchange img");
  const said = await textOf(page, "#sample .exchange");
  expect(said).toContain(`curl '${session.origin}/sample?digit=7&seed=a%20b%26c'`);
  expect(said).toMatch(/200.*X-Model: \w+@[0-9a-f]{12}/s);
  await fill("number-try-digits", "2026");
  await send("number");
  await waitForText(page, "#number .exchange", "/number/2026'");
  await page.waitForSelector("#number .exchange img");
  await send("encode");
  await waitForText(page, "#encode .exchange", '"mu"');
  await fill("sample-try-digit", "12");
  await send("sample");
  await waitForText(page, "#sample .exchange", "application/problem+json");
  session.forgive(/status of 400/);
});
