// The contract from outside, over real HTTP: a table of requests, requests drawn from the OpenAPI document, pictures by
// independent readers, the typed client, the static pages.

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { createClient, ProblemError } from "edge-digits/client";
import fc from "fast-check";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { ILLUSTRATED, listPictures, requestPicture } from "../../scripts/document-pictures.ts";
import { type Document, drawRequest, type Operation, operationsOf, withVersions } from "./drawn-requests.ts";
import { readPicture } from "./readers.ts";
import { REQUESTS } from "./table.ts";

const origin = inject("origin");
let document: Document;
const get = (address: string, init?: RequestInit) => fetch(origin + address, init);

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const validators = new WeakMap<object, ReturnType<typeof ajv.compile>>();
function validatorOf(schema: object) {
  const validate = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validate);
  return validate;
}

beforeAll(async () => {
  const [described, { models }] = (await Promise.all(
    ["/openapi.json", "/models"].map(async (address) => (await get(address)).json()),
  )) as [Document, { models: { name: string; stable: string }[] }];
  const resolved = new Validator().resolveRefs({ specification: { ...described } });
  document = withVersions(resolved as unknown as Document, models);
});

/** What holds for every reply: a documented status and media type, and a body that is what the document says. */
async function checkReply(operation: Operation, method: string, response: Response) {
  const documented = operation.responses[response.status];
  expect(documented, `undocumented status ${response.status}`).toBeDefined();
  expect(response.status).not.toBe(500);
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(response.headers.get("X-Request-Id")).toMatch(/^[\w-]{8,}$/);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (method === "HEAD" || response.status === 304) return void expect(bytes).toHaveLength(0);
  const mediaType = response.headers.get("Content-Type")!;
  const content = documented!.content?.[mediaType];
  expect(content, `undocumented media type ${mediaType}`).toBeDefined();
  if (mediaType.startsWith("image/"))
    return void expect(readPicture(mediaType, bytes).height).toBeGreaterThanOrEqual(28);
  if (!content!.schema) return void expect(bytes.byteLength).toBeGreaterThan(0);
  const body = JSON.parse(new TextDecoder().decode(bytes));
  const validate = validatorOf(content!.schema);
  expect(validate(body), ajv.errorsText(validate.errors)).toBe(true);
  return body as { readonly parameter?: string };
}

describe("a table of requests over HTTP", () => {
  const types = new Set<string>();

  it.each(REQUESTS)("$status $method $address $title", async (row) => {
    const { status, method, address, parameter, type, body, headers = {} } = row;
    const response = await get(address, { method, headers, ...(body && { body }) });
    expect(response.status).toBe(status);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    if (body) expect(response.headers.get("Cache-Control")).toBe("no-store");
    if (status < 400) return void (await response.arrayBuffer());
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    if (status === 405) {
      const takesUploads = /^\/(encode|reconstruct)/.test(address);
      expect(response.headers.get("Allow")).toBe(takesUploads ? "POST, OPTIONS" : "GET, HEAD, OPTIONS");
    }
    if (method === "HEAD") return;
    const problem = (await response.json()) as { type: string; parameter?: string; detail: string };
    expect(problem).toMatchObject({ status, detail: expect.any(String) });
    expect(problem.parameter).toBe(parameter);
    if (parameter) expect(problem.detail).toContain(`"${parameter}"`);
    if (type) expect(problem.type).toBe(`/problems/${type}`);
    types.add(problem.type);
  });

  it("names problems by addresses that explain them", async () => {
    expect(types.size).toBeGreaterThan(0);
    for (const type of types) expect((await get(type)).status, type).toBe(200);
  });
});

describe("a seven", () => {
  it.each(["in-a-frame", "red-on-green"])("%s is read as a seven", async (name) => {
    const body = await readFile(`test/vectors/uploads/seven-${name}.png`);
    const response = await get("/encode", { method: "POST", body, headers: { "Content-Type": "image/png" } });
    const { digits } = (await response.json()) as { digits: number[] };
    expect(digits[7]).toBeGreaterThan(0.99);
  });
});

describe("a body over the limit, sent without a length", () => {
  it.each([4, 10, 40])("of %i MB gets its 413, never a reset", async (megabytes) => {
    for (let run = 0; run < 3; run++) {
      // A connection of its own, since the server may close it: fetch would send the next request into that.
      const headers = { "Content-Type": "image/png" };
      const sending = request(`${origin}/encode`, { method: "POST", headers, agent: false });
      const replied = once(sending, "response") as Promise<[IncomingMessage]>;
      await pipeline(Readable.from(Array(megabytes).fill(Buffer.alloc(1_000_000))), sending);
      const [response] = await replied;
      expect(response.statusCode).toBe(413);
      expect(await json(response)).toMatchObject({ type: "/problems/payload-too-large" });
    }
  });
});

describe("requests drawn from the OpenAPI document", () => {
  async function checkDrawn(runs: number, seed: number) {
    const operations = operationsOf(document);
    const statuses = new Map<string, Map<number, number>>();
    let client = 0;
    await fc.assert(
      fc.asyncProperty(drawRequest(document), async (request) => {
        const { id, method, address, headers, body, bodyStatus, refused, partlyDescribed } = request;
        // One client alone would be asking too often.
        const from = { "CF-Connecting-IP": `192.0.2.${client++ % 256}` };
        const response = await get(address, {
          method,
          headers: { ...headers, ...from },
          ...(body && { body }),
        });
        const reply = await checkReply(operations.get(id)!, method, response);
        if (refused.length > 0) {
          expect(response.status).toBe(400);
          if (reply) expect([...refused, ...partlyDescribed]).toContain(reply.parameter);
        }
        // A model that is not there, or sizes that are too many together, come before the body.
        if (refused.length === 0 && bodyStatus && ![400, 404].includes(response.status)) {
          expect(response.status).toBe(bodyStatus);
        }
        const counts = statuses.get(id) ?? new Map<number, number>();
        statuses.set(id, counts.set(response.status, (counts.get(response.status) ?? 0) + 1));
      }),
      { numRuns: runs, seed },
    );
    // What was drawn is no monotony of refusals.
    const all = [...statuses.values()].flatMap((counts) => [...counts]);
    const total = (list: typeof all) => list.reduce((sum, [, count]) => sum + count, 0);
    expect(total(all.filter(([status]) => status === 200)) / total(all)).toBeGreaterThan(0.2);
    for (const [id, counts] of statuses) expect(counts.get(200) ?? 0, id).toBeGreaterThan(0);
    expect([...statuses.keys()].toSorted()).toEqual([...operations.keys()].toSorted());
  }

  const PROMISE = "get documented replies, never a 500, and a refusal by name where the document refuses";

  it(`${PROMISE}: 400`, { tags: ["slow"] }, () => checkDrawn(400, 20_261_130));

  // Other requests each time: for people and nights, not for a gate.
  const seed = randomInt(2 ** 31);
  it.skipIf(process.env.CI)(`${PROMISE}: 5,000 by seed ${seed}`, { timeout: 900_000, tags: ["slow"] }, () =>
    checkDrawn(5000, seed),
  );

  it("are documented by examples of bundled models", async () => {
    const bundled = await readdir("models");
    const examples = [...operationsOf(document).values()].flatMap(
      (operation) => operation["x-examples"] ?? [],
    );
    const asked = examples.flatMap(({ address }) => new URL(address, origin).searchParams.getAll("model"));
    expect(asked.length).toBeGreaterThan(3);
    for (const model of asked) expect(bundled).toContain(model);
  });

  it("would be caught if they were not as documented", async () => {
    const operation = operationsOf(document).get("sample")!;
    const undocumented = { ...operation, responses: { 400: operation.responses[400]! } };
    const reply = await get("/sample?seed=1");
    await expect(checkReply(undocumented, "GET", reply)).rejects.toThrow("undocumented status 200");
  });
});

describe("independent readers find", () => {
  it.each([
    ["/sample?seed=1&size=100", "image/png", 100, 100, 1],
    ["/sample?seed=1&size=100&fg=f80&bg=transparent", "image/png", 100, 100, 1],
    ["/sample?seed=1&size=300&format=svg", "image/svg+xml", 300, 300, 1],
    ["/interpolate?from=a&to=b&steps=5&size=40", "image/png", 200, 40, 1],
    ["/interpolate?from=a&to=b&steps=5&size=40&format=apng&fg=f80&bg=fff", "image/apng", 40, 40, 5],
  ])("%s: %s of %i x %i, %i frames", async (address, mediaType, width, height, frames) => {
    const response = await get(address);
    expect(response.headers.get("Content-Type")).toBe(mediaType);
    expect(readPicture(mediaType, new Uint8Array(await response.arrayBuffer()))).toEqual({
      width,
      height,
      frames,
    });
  });
});

describe.each(ILLUSTRATED)("%s shows what the service draws:", async (page) => {
  it.each(listPictures(await readFile(page, "utf8")))("$address", async (picture) => {
    const { file } = picture;
    const drawn = new Uint8Array(await (await requestPicture(origin, picture)).arrayBuffer());
    const shown = new Uint8Array(await readFile(`docs/${file}`));
    expect(shown, 'run "npm run docs:pictures"').toEqual(drawn);
  });
});

describe("the typed client", () => {
  it("draws, and returns seed, model and the address that always has these bytes", async () => {
    const digits = createClient(origin);
    const picture = await digits.sample({ digit: 7, size: 56 });
    expect(picture.contentType).toBe("image/png");
    expect(readPicture("image/png", picture.bytes).width).toBe(56);
    expect(picture.seed).toMatch(/^[0-9a-f-]{36}$/);
    expect(picture.model).toMatch(/^digits@[0-9a-f]{12}$/);
    const again = await fetch(picture.pinnedUrl);
    expect(again.headers.get("Cache-Control")).toContain("immutable");
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(picture.bytes);
  });

  it("builds one address for one request, pinned where the model is", async () => {
    const digits = createClient(origin);
    const model = await digits.pinModel("mlp");
    const url = digits.sampleUrl({ seed: "a b&c", size: 56, model });
    expect(url).toBe(digits.sampleUrl({ model, size: 56, seed: "a b&c" }));
    const picture = await digits.sample({ seed: "a b&c", size: 56, model });
    expect([picture.model, picture.seed, picture.pinnedUrl]).toEqual([model, "a b&c", url]);
    // It is the one that the service itself gives, with the picture format's number.
    const moving = await digits.sample({ seed: "a b&c", size: 56, model: "mlp", format: "png" });
    expect(moving.pinnedUrl).toBe(url);
    expect(new URL(url).searchParams.get("picture")).toBe("2");
  });

  it("builds a pinned address itself if it is too long for a header", async () => {
    const digits = createClient(origin);
    const seeds = ["a", "b", "c", "d", "e", "f"].map((seed) => seed + "\u{1f600}".repeat(120)).join(",");
    const walk = await digits.interpolate({ seeds, steps: 2 });
    expect(walk.pinnedUrl.length).toBeGreaterThan(4096);
    const again = await fetch(walk.pinnedUrl);
    expect(again.headers.get("Cache-Control")).toContain("immutable");
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(walk.bytes);
  });

  it("sends a picture, and gets its latent, its reconstruction, and the digit back from the latent", async () => {
    const digits = createClient(origin);
    const seven = await digits.sample({ seed: "42", digit: 7, size: 140, fg: "036", bg: "fff" });
    const { model, mu, digits: shares, fit } = await digits.encode(seven.bytes);
    expect(shares!.indexOf(Math.max(...shares!))).toBe(7);
    expect(fit.inverted).toBe(true);
    const decoded = await digits.decode({ z: mu!.join(","), model });
    const both = await digits.reconstruct(new Blob([seven.bytes]), { format: "json", model });
    const { reconstruction } = JSON.parse(new TextDecoder().decode(both.bytes));
    const grey = await digits.decode({ z: mu!.join(","), model, format: "json" });
    expect(JSON.parse(new TextDecoder().decode(grey.bytes)).pixels).toEqual(reconstruction.pixels);
    expect(readPicture("image/png", decoded.bytes).width).toBe(28);
    await expect(digits.encode(new Uint8Array(3))).rejects.toMatchObject({ kind: "unreadable-image" });
  });

  it("sends a picture to a model with codes, and gets the digit back from them", async () => {
    const digits = createClient(origin);
    const seven = await digits.sample({ seed: "42", digit: 7, size: 140, model: "vq" });
    const { codes, mu, model, digits: shares } = await digits.encode(seven.bytes, { model: "vq" });
    expect([codes!.length, mu, shares]).toEqual([49, undefined, null]);
    const both = await digits.reconstruct(seven.bytes, { format: "json", model });
    const { reconstruction } = JSON.parse(new TextDecoder().decode(both.bytes));
    const grey = await digits.decode({ codes: codes!.join(","), model, format: "json" });
    expect(JSON.parse(new TextDecoder().decode(grey.bytes)).pixels).toEqual(reconstruction.pixels);
  });

  it("reads a release's own files", async () => {
    const digits = createClient(origin);
    const { name, stable: version, versions } = await digits.model({ name: "mlp" });
    const url = digits.modelFileUrl({ name, version, file: "preview.png" });
    expect(new URL(url).pathname).toBe(versions.at(-1)!.preview);
    const preview = await digits.modelFile({ name, version, file: "preview.png" });
    expect([preview.contentType, preview.model]).toEqual(["image/png", `${name}@${version}`]);
    expect(readPicture("image/png", preview.bytes).width).toBeGreaterThan(28);
  });

  it("walks, lists and asks for health", async () => {
    const digits = createClient(origin);
    const walk = await digits.interpolate({ from: "a", to: "b", steps: 3, format: "apng" });
    expect(readPicture("image/apng", walk.bytes).frames).toBe(3);
    expect((await digits.models()).models.map(({ name }) => name)).toEqual(["cnn", "digits", "mlp", "vq"]);
    expect((await digits.health()).status).toBe("ok");
  });

  it("throws the problem that the service explained", async () => {
    const digits = createClient(origin);
    const error = await digits
      .interpolate({ from: "a", to: "b", steps: 32, size: 512 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ kind: "invalid-parameter", status: 400, parameter: "size" });
    const { type, requestId, message } = error as ProblemError;
    expect(type).toBe(`${origin}/problems/invalid-parameter`);
    expect(requestId).toBeTruthy();
    expect(message).toContain("use size <= 90");
    await expect(digits.pinModel("gamma")).rejects.toThrow("the models are cnn, digits, mlp, vq");
  });

  it("rejects by type what the service would refuse", () => {
    const digits = createClient("http://nowhere.example");
    // @ts-expect-error an unknown parameter
    expect(() => digits.sampleUrl({ sede: "1" })).toThrow(ProblemError);
    // @ts-expect-error a format that this route does not have
    expect(() => digits.sampleUrl({ format: "apng" })).toThrow(ProblemError);
    // @ts-expect-error a latent is written as text
    expect(() => digits.decodeUrl({ z: [0, 1] })).toThrow(ProblemError);
    expect(digits.sampleUrl({ digit: 7 })).toBe("http://nowhere.example/sample?digit=7");
  });
});

describe("static pages", () => {
  it.each(["/docs", "/openapi.json", "/docs.css", "/problems/rate-limited"])(
    "%s has its headers",
    async (address) => {
      const response = await get(address);
      expect(response.status).toBe(200);
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
      expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(response.headers.get("Cache-Control")).toBe("public, max-age=0, must-revalidate");
      expect(response.headers.get("ETag")).toBeTruthy();
      await response.arrayBuffer();
    },
  );

  it("have a page for an unknown address, whatever a browser's method", async () => {
    const reply = await get("/nothing", { method: "POST", headers: { Accept: "text/html" } });
    expect([reply.status, reply.headers.get("Content-Type")]).toEqual([404, "text/html; charset=utf-8"]);
    expect(await reply.text()).toContain("</html>");
  });

  it.each(["/", "/pt-br"])("%s is revalidated, and what it names may be kept", async (address) => {
    const page = await get(address);
    expect(page.headers.get("Cache-Control")).toBe("public, max-age=0, must-revalidate");
    const headers = { "If-None-Match": page.headers.get("ETag")! };
    expect((await get(address, { headers })).status).toBe(304);
    const files = [...(await page.text()).matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map(
      ([, file]) => file!,
    );
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) {
      const response = await get(file);
      expect([response.status, response.headers.get("Cache-Control")], file).toEqual([
        200,
        "public, max-age=31536000, immutable",
      ]);
      await response.arrayBuffer();
    }
  });

  it("exist for what browsers and robots request on their own", async () => {
    expect((await get("/favicon.ico")).headers.get("Content-Type")).toBe("image/png");
    expect(await (await get("/robots.txt")).text()).toMatch(/^User-agent: \*\n/);
  });

  it("/docs shows only what exists: every picture and link of this server answers", async () => {
    const html = await (await get("/docs")).text();
    expect(html).not.toMatch(/<script(?! type="module" src="\/docs.js")|https?:\/\/(?!digits\.example)/);
    const addresses = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, address]) =>
      address!.replaceAll("&amp;", "&"),
    );
    expect(addresses.length).toBeGreaterThan(25);
    for (const address of new Set(addresses)) expect((await get(address)).status, address).toBe(200);
  });
});
