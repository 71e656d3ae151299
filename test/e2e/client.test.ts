// The typed client by itself, against a server that only notes what it is asked: what it refuses, and where it asks.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, ProblemError } from "edge-digits/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

let server: Server;
let origin: string;
let asked: string[] = [];

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    asked.push(url!);
    if (url!.includes("missing")) {
      response.writeHead(404, { "Content-Type": "application/problem+json" });
      return void response.end('{"type":"/problems/unknown-model","title":"No such model","status":404}');
    }
    response.writeHead(200, { Link: '</sample?seed=1&model=a%40123456789abc>; rel="canonical"' });
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(() => server.close());

describe("bad values are refused by name, before a request", () => {
  it.each<
    [
      id: "sample" | "interpolate" | "decode" | "number" | "model" | "grid",
      values: object,
      parameter: string,
      detail: RegExp,
    ]
  >([
    ["sample", { sise: 28 }, "sise", /^unknown parameter "sise"; the parameters are seed, digit, /],
    ["sample", { toString: "1" }, "toString", /unknown parameter/],
    [
      "sample",
      { size: 27 },
      "size",
      /^parameter "size": expected a whole number from 28 to 512, found "27"$/,
    ],
    ["sample", { size: 513 }, "size", /28 to 512/],
    ["sample", { size: 28.5 }, "size", /whole number/],
    ["sample", { size: Number.NaN }, "size", /found "NaN"/],
    ["sample", { size: "0x40" }, "size", /whole number/],
    ["sample", { size: null }, "size", /found null/],
    ["sample", { digit: 10 }, "digit", /0 to 9/],
    ["sample", { digit: [7] }, "digit", /found \[7\]/],
    ["sample", { temperature: 2.1 }, "temperature", /from 0 to 2/],
    ["sample", { temperature: 0.1 + 0.2 }, "temperature", /at most 4 decimals/],
    ["sample", { temperature: 1e-7 }, "temperature", /at most 4 decimals/],
    ["sample", { sampler: "flow" }, "sampler", /expected mixture, prior, found "flow"/],
    ["sample", { format: "apng" }, "format", /png, svg, json/],
    ["sample", { fg: "#ff8800" }, "fg", /expected text that matches/],
    ["sample", { bg: "clear" }, "bg", /transparent or text/],
    ["sample", { details: "yes" }, "details", /true or false/],
    ["sample", { seed: "" }, "seed", /1 to 128 characters/],
    ["sample", { seed: "é".repeat(129) }, "seed", /1 to 128 characters/],
    ["sample", { seed: "\ud800" }, "seed", /parameter "seed"/],
    ["sample", { seed: () => 1 }, "seed", /found function/],
    ["sample", { model: "Digits" }, "model", /expected text that matches/],
    ["interpolate", { steps: 33 }, "steps", /2 to 32/],
    ["grid", { seed: "x".repeat(125) }, "seed", /1 to 124/],
    ["decode", { z: "1,,2" }, "z", /expected text/],
    ["number", {}, "digits", /parameter "digits" is missing/],
    ["number", { digits: "12a" }, "digits", /expected text/],
    ["model", { name: ".." }, "name", /found "\.\."/],
  ])("%s(%j): %s", async (id, values, parameter, detail) => {
    const client = createClient(origin);
    const error = await client[id](values as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ kind: "invalid-parameter", status: 400, parameter, requestId: undefined });
    expect((error as ProblemError).detail).toMatch(detail);
    expect(() => client[`${id}Url`](values as never)).toThrow(ProblemError);
    expect(asked).toEqual([]);
  });

  it("and good ones are not", async () => {
    const client = createClient(origin);
    await client.sample({
      seed: "é".repeat(128),
      size: 28,
      temperature: 0.0001,
      details: false,
      bg: "transparent",
    });
    await client.number({ digits: "007", spacing: -6, seed: undefined as never });
    expect(asked).toHaveLength(2);
  });
});

describe("a base path in the address is kept", () => {
  it.each([
    ["", ""],
    ["/", ""],
    ["/digits", "/digits"],
    ["/digits/", "/digits"],
    ["/a/b//?x=1#y", "/a/b"],
  ])("%j", async (path, base) => {
    const client = createClient(origin + path);
    expect(client.sampleUrl({ seed: "1" })).toBe(`${origin}${base}/sample?seed=1`);
    const { pinnedUrl } = await client.sample({ seed: "1" });
    expect(pinnedUrl).toBe(`${origin}${base}/sample?seed=1&model=a%40123456789abc`);
    await client.models();
    await expect(client.model({ name: "missing" })).rejects.toMatchObject({
      type: `${origin}${base}/problems/unknown-model`,
    });
    await client.encode(new Uint8Array(1));
    const paths = ["/sample?seed=1", "/models", "/models/missing", "/encode"];
    expect(asked).toEqual(paths.map((address) => base + address));
  });

  it("an address that is not a URL is refused immediately", () => {
    expect(() => createClient("digits.example")).toThrow(TypeError);
  });
});
