// POST /encode and /reconstruct over the whole Worker: a table of good and bad uploads, and what comes back.

import { exports } from "cloudflare:workers";
import UPNG from "upng-js";
import { beforeAll, describe, expect, it } from "vitest";
import { createReferenceDecoder, runReference } from "../../../shared/decoder/reference.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { logDensity } from "../../../shared/latent/gaussian/mixture-density.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import { presets } from "../../../shared/model/presets.ts";
import { unpackWeights } from "../../../shared/model/weights.ts";
import { NETWORK_FILES, releaseKey } from "../../../shared/release/release.ts";
import { IncompleteBodyError, TooManyUploadsError } from "../../../worker/api/problems.ts";
import { createDigitReader } from "../../../worker/upload/upload.ts";
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
const post = (path: string, body: Uint8Array | string | null, headers: Record<string, string> = PNG) =>
  worker.fetch(`${ORIGIN}${path}`, { method: "POST", body: body as BodyInit, headers });

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

describe("a table of uploads", () => {
  it.each<[number, string, string, Uint8Array | string | null, Record<string, string>?, string?]>([
    [200, "a digit", "/encode", small],
    [200, "a digit", "/reconstruct", small],
    [200, "black on white", "/encode", large],
    [
      200,
      "a type with parameters, in capitals",
      "/encode",
      small,
      { "Content-Type": "Image/PNG; charset=binary" },
    ],
    [200, "no coding", "/encode", small, { ...PNG, "Content-Encoding": "identity" }],
    [200, "a model by name", "/encode?model=beta", small],
    [200, "a size and colours", "/reconstruct?size=256&fg=f80&bg=transparent", small],
    [200, "outlines", "/reconstruct?format=svg&size=300", small],
    [200, "grey levels", "/reconstruct?format=json&size=56", small],
    [400, "an unknown parameter", "/encode?size=28", small, PNG, "size"],
    [400, "a seed", "/reconstruct?seed=1", small, PNG, "seed"],
    [400, "a format of another route", "/reconstruct?format=apng", small, PNG, "format"],
    [400, "two digits too large", "/reconstruct?size=363", small, PNG, "size"],
    [400, "colours of grey levels", "/reconstruct?format=json&fg=f00", small, PNG, "fg"],
    [400, "a model that is no name", "/encode?model=A", small, PNG, "model"],
    [404, "a model that is not there", "/encode?model=gamma", small],
    [404, "a version that is not there", "/reconstruct?model=alpha@000000000000", small],
    [413, "a body longer than any image", "/encode", new Uint8Array(3_145_729)],
    [413, "a body longer than any image", "/reconstruct", new Uint8Array(5_000_000)],
    [415, "a JPEG", "/encode", small, { "Content-Type": "image/jpeg" }],
    [415, "a form", "/encode", "a=b", { "Content-Type": "application/x-www-form-urlencoded" }],
    [415, "an animation's type", "/encode", small, { "Content-Type": "image/png2" }],
    [415, "no type", "/reconstruct", small, { "Content-Type": "" }],
    [415, "a coding", "/encode", small, { ...PNG, "Content-Encoding": "gzip" }],
    [422, "no body", "/encode", null],
    [422, "an empty body", "/encode", new Uint8Array(0)],
    [422, "text", "/encode", "not a picture"],
    [422, "half a picture", "/reconstruct", small.slice(0, small.length / 2)],
    [422, "a picture of 513 pixels", "/encode", wide],
    [422, "a picture without ink", "/encode", empty],
    [422, "a picture without ink", "/reconstruct", empty],
    [503, "a release whose encoder is damaged", "/encode?model=broken", small],
  ])("%i for %s to %s", async (status, _, path, body, headers = PNG, parameter = undefined) => {
    const response = await post(path, body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    if (status === 200) return void (await response.arrayBuffer());
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const problem = await response.json<Record<string, unknown>>();
    expect(problem).toMatchObject({ status, type: expect.stringMatching(/^\/problems\//) });
    expect(problem.parameter).toBe(parameter);
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

  it("413 for a body without end, before 120 MB of it are taken in", async () => {
    const { body, sent } = streamOf(1_000_000_000);
    const response = await worker.fetch(`${ORIGIN}/encode`, { method: "POST", body, headers: PNG });
    expect(response.status).toBe(413);
    await response.arrayBuffer();
    expect(sent()).toBeLessThan(120_000_000);
  });

  it("422 tells what is wrong", async () => {
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

  it.each([
    ["GET", "/encode", "POST, OPTIONS"],
    ["HEAD", "/reconstruct", "POST, OPTIONS"],
    ["PUT", "/encode", "POST, OPTIONS"],
    ["POST", "/sample", "GET, HEAD, OPTIONS"],
    ["POST", "/models/alpha", "GET, HEAD, OPTIONS"],
    ["DELETE", "/models/alpha/000000000000/card.json", "GET, HEAD, OPTIONS"],
  ])("405 for %s %s, with Allow: %s", async (method, path, allow) => {
    const response = await worker.fetch(`${ORIGIN}${path}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe(allow);
    await response.arrayBuffer();
  });

  it("every PNG of other encoders is 200, or 422 where it shows nothing that is ink", async () => {
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

  it("every faulty PNG that libpng reads is 200, or 422 where its fault leaves no ink; every other 422", async () => {
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

  it("bits turned anywhere are 200 or 422, never another status", async () => {
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

  it("are 16 at most; another one is 503 with Retry-After, and is read when one of them has ended", async () => {
    const slow = Array.from({ length: 16 }, slowUpload);
    const replies = slow.map(({ request }) => worker.fetch(request));
    let refused: Response;
    do refused = await post("/encode", small);
    while (refused.status === 200);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(await refused.json()).toMatchObject({
      type: "/problems/too-many-uploads",
      detail: "16 other pictures are being read; try again in a moment",
    });
    await slow[0]!.finish();
    expect((await replies[0]!).status).toBe(200);
    expect((await post("/encode", small)).status).toBe(200);
    await Promise.all(slow.slice(1).map(({ finish }) => finish()));
    for (const reply of replies) expect((await reply).status).toBe(200);
  });

  it("make room for others when they stall, and when their requests are gone", async () => {
    let time = 0;
    const stalling = createDigitReader({ maxUploads: 1, timeoutMs: 20, now: () => time });
    await expect(stalling(slowUpload().request)).rejects.toThrow(IncompleteBodyError);
    const request = () => new Request(ORIGIN, { method: "POST", body: small });
    expect((await stalling(request())).isInverted).toBe(false);

    const abandoned = createDigitReader({ maxUploads: 1, timeoutMs: 60_000, now: () => time });
    const lost = slowUpload();
    const never = abandoned(lost.request);
    await expect(abandoned(request())).rejects.toThrow(TooManyUploadsError);
    time = 60_001;
    expect((await abandoned(request())).isInverted).toBe(false);
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
  it("gives the mean and log-variance that the published encoder has for the picture, to the bit", async () => {
    const response = await post("/encode", small);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    const reply = await response.json<EncodeReply>();
    expect(reply.model).toBe(`alpha@${alpha.version}`);
    const pixels = Uint8Array.from(reply.fitted.pixels.flat());
    expect(pixels).toEqual(fittedBar.pixels);
    expect(Float32Array.from([...reply.mu, ...reply.logVar])).toEqual(expectedLatent(alpha, pixels));
    expect(reply.digits).toBeNull();
  });

  it("tells what it did to a picture that was large, off centre and dark on light", async () => {
    const reply = await (await post("/encode", large)).json<EncodeReply>();
    expect(reply.fit).toEqual({
      inverted: true,
      boundingBox: { x: 40, y: 60, width: 24, height: 120 },
      scale: 20 / 120,
      thickened: false,
    });
    expect(Uint8Array.from(reply.fitted.pixels.flat())).toEqual(fittedBar.pixels);
  });

  it("tells which digit it is under the release's mixture", async () => {
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
