// POST /encode and /reconstruct over the whole Worker: what bad uploads get, and what good ones. More requests are in
// e2e/table.ts.

import { exports } from "cloudflare:workers";
import UPNG from "upng-js";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createReferenceDecoder, runReference } from "../../../shared/decoder/reference.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { logDensity } from "../../../shared/latent/gaussian/mixture-density.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import { presets } from "../../../shared/model/presets.ts";
import { unpackWeights } from "../../../shared/model/weights.ts";
import { NETWORK_FILES, releaseKey } from "../../../shared/release/release.ts";
import { IncompleteBodyError, TooManyUploadsError } from "../../../worker/api/problems.ts";
import { createDigitReader, readDigit } from "../../../worker/upload/upload.ts";
import { type Fixture, makeMixture, makeRelease, packedWeights } from "../../fixture.ts";
import faulty from "../../vectors/faulty-png.json" with { type: "json" };
import vectors from "../../vectors/png.json" with { type: "json" };
import { bucket, publish } from "../bucket.ts";

const ORIGIN = "https://digits.example";
const worker = (exports as unknown as { default: Fetcher }).default;

let alpha: Fixture;
let beta: Fixture;
let broken: Fixture;
beforeAll(async () => {
  [alpha, beta, broken] = await Promise.all([
    makeRelease("alpha", "1"),
    makeRelease("beta", "2", presets.smoke, makeMixture(latentDim(presets.smoke), "2")),
    makeRelease("broken", "3"),
  ]);
  await publish(alpha, beta, broken);
  await bucket.put(releaseKey("broken", broken.version, NETWORK_FILES.encoder.weights), "damaged");
});

const PNG = { "Content-Type": "image/png" };
const post = (path: string, body: Uint8Array) =>
  worker.fetch(`${ORIGIN}${path}`, { method: "POST", body: body as BodyInit, headers: PNG });

/** A bar, which fits to what MNIST would hold of it: white on black, 20 pixels long. */
const bar = (width: number, height: number, [left, top, wide, high]: readonly number[]) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) - left!, Math.floor(i / width) - top!];
    return x >= 0 && x < wide! && y >= 0 && y < high! ? 255 : 0;
  }),
});
const fittedBar = bar(28, 28, [13, 5, 4, 20]);
const small = encodePng(fittedBar);
const large = encodePng(bar(300, 200, [40, 60, 24, 120]), {
  foreground: [0, 0, 0],
  background: [255, 255, 255],
});
const empty = encodePng(bar(40, 40, [0, 0, 0, 0]));
const wide = encodePng(bar(513, 4, [0, 0, 8, 4]));

/** A body of unknown length. */
function streamOf(length: number) {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = new Uint8Array(Math.min(length - sent, 100_000));
      sent += part.byteLength;
      if (part.byteLength > 0) controller.enqueue(part);
      else controller.close();
    },
  });
  return { body, sent: () => sent };
}

describe("an upload is answered by", () => {
  it("503 from a release whose encoder is damaged", async () => {
    const response = await post("/encode?model=broken", small);
    expect(response.status).toBe(503);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toMatchObject({
      status: 503,
      type: expect.stringMatching(/^\/problems\//),
    });
  });

  it.each([4_000_000, 40_000_000])(
    "413 for a body of unknown length and %i bytes, read to its end",
    async (length) => {
      const { body, sent } = streamOf(length);
      const response = await worker.fetch(`${ORIGIN}/encode`, { method: "POST", body, headers: PNG });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining(`${length} bytes`) });
      expect(sent()).toBe(length);
    },
  );

  it("413 for an endless body, before 120 MB of it are read", async () => {
    const { body, sent } = streamOf(1_000_000_000);
    const response = await worker.fetch(`${ORIGIN}/encode`, { method: "POST", body, headers: PNG });
    expect(response.status).toBe(413);
    await response.arrayBuffer();
    expect(sent()).toBeLessThan(120_000_000);
  });

  it("422 says what is wrong", async () => {
    const detail = async (body: Uint8Array) =>
      await (await post("/encode", body)).json<{ type: string; detail: string }>();
    expect(await detail(empty)).toMatchObject({
      type: "/problems/empty-image",
      detail: expect.stringContaining("nothing is drawn"),
    });
    expect(await detail(wide)).toMatchObject({
      type: "/problems/unreadable-image",
      detail: "the PNG has 513 x 4 pixels, expected 1 to 512 a side",
    });
  });

  it("every PNG of other encoders is 200, or 422 if it shows no ink", async () => {
    for (const { name, png } of vectors.images) {
      const response = await post(
        "/encode",
        Uint8Array.from(atob(png), (character) => character.charCodeAt(0)),
      );
      const reply = await response.json<{ type?: string }>();
      if (response.status !== 200)
        expect([response.status, reply.type], name).toEqual([422, "/problems/empty-image"]);
    }
  });

  it("every faulty PNG that libpng reads is 200, or 422 if its fault leaves no ink; every other is 422", async () => {
    for (const { name, png, libpng, pillow } of faulty.images) {
      const response = await post(
        "/encode",
        Uint8Array.from(atob(png), (character) => character.charCodeAt(0)),
      );
      const { type } = await response.json<{ type?: string }>();
      if (libpng) expect([undefined, "/problems/empty-image"], name).toContain(type);
      else if (!pillow) expect(type, name).toBe("/problems/unreadable-image");
    }
  });

  it("flipped bits anywhere are 200 or 422, never another status", async () => {
    let state = 1;
    const next = (limit: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const statuses = new Set<number>();
    for (let run = 0; run < 300; run++) {
      const bytes = (run % 2 ? small : large).slice();
      for (let flips = 1 + next(3); flips > 0; flips--) bytes[next(bytes.length)]! ^= 1 << next(8);
      const response = await post("/encode", bytes);
      statuses.add(response.status);
      await response.arrayBuffer();
    }
    expect([...statuses].filter((status) => status !== 200 && status !== 422)).toEqual([]);
    expect(statuses).toContain(422);
  });
});

describe("uploads at the same time", () => {
  afterEach(() => vi.restoreAllMocks());

  /** A picture that arrives when it is asked to. */
  function slowUpload() {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const request = new Request(`${ORIGIN}/encode`, { method: "POST", body: readable, headers: PNG });
    return {
      request,
      finish: async () => {
        await writer.write(small);
        await writer.close();
      },
    };
  }

  it("are at most 16; another one is 503 with Retry-After, and is read when one of them has ended", async () => {
    // However long this takes, none of them is late.
    vi.spyOn(AbortSignal, "timeout").mockImplementation(() => new AbortController().signal);
    vi.spyOn(Date, "now").mockReturnValue(Date.now());
    const slow = Array.from({ length: 16 }, slowUpload);
    const readings = slow.map(({ request }) => readDigit(request));
    const refused = await post("/encode", small);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(await refused.json()).toMatchObject({
      type: "/problems/too-many-uploads",
      detail: "16 other pictures are being read; try again in a moment",
    });
    await slow[0]!.finish();
    await readings[0];
    expect((await post("/encode", small)).status).toBe(200);
    await Promise.all(slow.slice(1).map(({ finish }) => finish()));
    for (const { isInverted } of await Promise.all(readings)) expect(isInverted).toBe(false);
  });

  it("make room for others when they stall, and when their requests have ended", async () => {
    let time = 0;
    const read = createDigitReader({ maxUploads: 1, timeoutMs: 60_000, now: () => time });
    const request = () => new Request(ORIGIN, { method: "POST", body: small });
    const late = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(late.signal);
    const stalling = read(slowUpload().request);
    late.abort();
    await expect(stalling).rejects.toThrow(IncompleteBodyError);
    expect((await read(request())).isInverted).toBe(false);

    const lost = slowUpload();
    const never = read(lost.request);
    await expect(read(request())).rejects.toThrow(TooManyUploadsError);
    time = 60_001;
    expect((await read(request())).isInverted).toBe(false);
    await lost.finish();
    await never;
  });
});

interface EncodeReply {
  readonly model: string;
  readonly mu: number[];
  readonly logVar: number[];
  readonly digits: number[] | null;
  readonly fit: { inverted: boolean; boundingBox: Record<string, number>; scale: number; thickened: boolean };
  readonly fitted: { width: number; height: number; pixels: number[][] };
}

/** [mu, logVar] by the reference, from the encoder as it was published. */
function expectedLatent({ card, files }: Fixture, pixels: Uint8Array): Float32Array {
  const plan = planEncoder(card.spec);
  const { weightsManifest } = JSON.parse(new TextDecoder().decode(files.get(NETWORK_FILES.encoder.model)));
  const weights = unpackWeights(
    plan.flatMap((layer) => layer.weights),
    weightsManifest,
    files.get(NETWORK_FILES.encoder.weights)!,
  );
  return runReference(
    plan,
    weights,
    Float32Array.from(pixels, (level) => level / 255),
  );
}

describe("POST /encode", () => {
  it("returns exactly the mean and log-variance of the published encoder", async () => {
    const response = await post("/encode", small);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    const reply = await response.json<EncodeReply>();
    expect(reply.model).toBe(`alpha@${alpha.version}`);
    const pixels = Uint8Array.from(reply.fitted.pixels.flat());
    expect(pixels).toEqual(fittedBar.pixels);
    expect(Float32Array.from([...reply.mu, ...reply.logVar])).toEqual(expectedLatent(alpha, pixels));
    expect(reply.digits).toBeNull();
  });

  it("returns what was done to a picture that was large, off centre and dark on light", async () => {
    const reply = await (await post("/encode", large)).json<EncodeReply>();
    expect(reply.fit).toEqual({
      inverted: true,
      boundingBox: { x: 40, y: 60, width: 24, height: 120 },
      scale: 20 / 120,
      thickened: false,
    });
    expect(Uint8Array.from(reply.fitted.pixels.flat())).toEqual(fittedBar.pixels);
  });

  it("returns which digit it is under the release's mixture", async () => {
    const { mu, digits } = await (await post("/encode?model=beta", small)).json<EncodeReply>();
    const densities = beta.mixture!.classes.map(
      ({ prior }, digit) => prior * Math.exp(logDensity(beta.mixture!, Float32Array.from(mu), digit)),
    );
    const total = densities.reduce((sum, density) => sum + density, 0);
    expect(digits).toHaveLength(10);
    for (const [digit, share] of digits!.entries()) expect(share).toBeCloseTo(densities[digit]! / total, 5);
  });
});

describe("POST /reconstruct", () => {
  const expected = () => {
    const { card } = alpha;
    const mu = expectedLatent(alpha, fittedBar.pixels).slice(0, latentDim(card.spec));
    return createReferenceDecoder(card.spec, packedWeights(alpha)).image(mu).pixels;
  };

  it("is a picture of the input over its reconstruction", async () => {
    const response = await post("/reconstruct", large);
    expect(response.headers.get("Content-Type")).toBe("image/png");
    expect(response.headers.get("X-Model")).toBe(`alpha@${alpha.version}`);
    const image = UPNG.decode(await response.arrayBuffer());
    expect([image.width, image.height]).toEqual([28, 56]);
    const grey = new Uint8Array(UPNG.toRGBA8(image)[0]!).filter((_, i) => i % 4 === 0);
    expect(grey.subarray(0, 784)).toEqual(fittedBar.pixels);
    expect(grey.subarray(784)).toEqual(expected());
  });

  it("is both as grey levels, and as outlines", async () => {
    const reply = await (await post("/reconstruct?format=json", large)).json<{
      input: { pixels: number[][] };
      reconstruction: { pixels: number[][] };
      fit: { inverted: boolean };
    }>();
    expect(Uint8Array.from(reply.input.pixels.flat())).toEqual(fittedBar.pixels);
    expect(Uint8Array.from(reply.reconstruction.pixels.flat())).toEqual(expected());
    expect(reply.fit.inverted).toBe(true);
    const svg = await post("/reconstruct?format=svg&size=100", large);
    expect(svg.headers.get("Content-Type")).toBe("image/svg+xml");
    expect(await svg.text()).toMatch(/^<svg .*viewBox="0 0 28 56" width="100" height="200"/);
  });
});
