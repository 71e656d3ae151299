// Requests that cost more than the operator allows are refused before anything is drawn, and told what would fit.

import { encode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import { chunk, PNG_SIGNATURE, uint32 } from "../../../shared/image/png.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { presets } from "../../../shared/model/presets.ts";
import { concatenate } from "../../../shared/model/weights.ts";
import { createApp } from "../../../worker/app.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";
import { type Fixture, makeMixture, makeRelease } from "../../fixture.ts";
import { bucket, publish } from "../bucket.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeRelease("alpha", "1", presets.smoke, makeMixture(latentDim(presets.smoke), "1"));
  await publish(fixture);
});

const appOf = (budget: number) =>
  createApp(
    createModelStore(bucket, Date.now, () => {}),
    { budget },
  );
const app = appOf(40);
/** The parameter and the highest value that a refusal names. */
async function refusal(address: string, init?: RequestInit) {
  const reply = await app.request(address, init);
  expect(reply.status, address).toBe(400);
  const { type, parameter, detail } = (await reply.json()) as Record<string, string>;
  expect(type).toBe("/problems/over-budget");
  return { parameter: parameter!, detail: detail! };
}
const fits = (detail: string, parameter: string) =>
  Number(detail.match(new RegExp(`${parameter} <= (\\d+)`))![1]);

describe("a request over the budget", () => {
  it.each([
    ["/grid?seed=1&cols=4&rows=16&size=40", "rows"],
    ["/grid?seed=1&cols=16&rows=4&size=40", "cols"],
    ["/number/01234567890123456789?seed=1&size=110", "digits"],
    ["/interpolate?from=a&to=b&steps=32&size=90", "steps"],
    ["/sample?seed=1&size=512", "size"],
    ["/sample?seed=1&size=512&format=json", "size"],
    ["/grid?seed=1&cols=4&rows=16&format=svg", "rows"],
  ])("such as %s is refused by %s, with the highest value that fits", async (address, parameter) => {
    const refused = await refusal(address);
    expect(refused.parameter).toBe(parameter);
    const most = fits(refused.detail, parameter);
    const at = (value: number) =>
      parameter === "digits"
        ? address.replace(/\d{20}/, "7".repeat(value))
        : address.replace(new RegExp(`${parameter}=\\d+`), `${parameter}=${value}`);
    expect((await app.request(at(most))).status).toBe(200);
    expect((await app.request(at(most + 1))).status).toBe(400);
  });

  it("names the size too, where a smaller one fits", async () => {
    const address = "/grid?seed=1&cols=3&rows=4&size=100";
    const { detail } = await refusal(address);
    expect(detail).toMatch(
      /^the request costs as much as \d+ digits of the cnn model, expected at most 40; use rows <= /,
    );
    const size = fits(detail, "size");
    expect((await app.request(address.replace("100", String(size)))).status).toBe(200);
    expect((await app.request(address.replace("100", String(size + 1)))).status).toBe(400);
  });

  it("is refused for HEAD alike", async () => {
    expect((await app.request("/sample?seed=1&size=512", { method: "HEAD" })).status).toBe(400);
  });

  it("is refused before an upload is inflated", async () => {
    const send = (body: Uint8Array<ArrayBuffer>) => {
      return { method: "POST", headers: { "Content-Type": "image/png" }, body };
    };
    const uninflatable = (side: number) => {
      const header = chunk("IHDR", uint32(side), uint32(side), Uint8Array.of(8, 0, 0, 0, 0));
      return send(concatenate([PNG_SIGNATURE, header, chunk("IDAT", Uint8Array.of(1, 2, 3)), chunk("IEND")]));
    };
    const { parameter, detail } = await refusal("/encode", uninflatable(300));
    expect(parameter).toBe("body");
    const most = Math.floor(Math.sqrt(fits(detail, "body")));
    expect((await app.request("/encode", uninflatable(most))).status).toBe(422);
    expect((await app.request("/encode", uninflatable(most + 1))).status).toBe(400);
    const data = new Uint8Array(28 * 28).map((_, i) => (i % 28 > 10 && i % 28 < 18 ? 255 : 0));
    const png = send(new Uint8Array(encode({ width: 28, height: 28, data, channels: 1 })));
    expect((await app.request("/reconstruct", png)).status).toBe(200);
    expect((await refusal("/reconstruct?size=362", png)).detail).toMatch(/; use size <= \d+$/);
  });

  it("is drawn where the operator sets no budget", async () => {
    const free = createApp(createModelStore(bucket, Date.now, () => {}));
    for (const address of ["/sample?seed=1&size=512", "/grid?seed=1&cols=8&rows=8&size=64"]) {
      expect((await free.request(address)).status).toBe(200);
      expect((await appOf(40).request(address)).status).toBe(400);
    }
  });
});
