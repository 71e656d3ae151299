// What surrounds every request: ids, the log, the limit, the routes against their description.

import { beforeAll, describe, expect, it, vi } from "vitest";
import { clientOf, type RateLimit } from "../../worker/api/client-limit.ts";
import { createApp } from "../../worker/app.ts";
import { OPERATIONS } from "../../worker/docs/operations.ts";
import { createModelStore, type ModelStore } from "../../worker/models/model-store.ts";
import { type Fixture, makeRelease } from "../fixture.ts";
import { bucket, publish } from "./bucket.ts";

const ORIGIN = "https://digits.example";
let fixture: Fixture;
let store: ModelStore;
let lines: string[];

beforeAll(async () => {
  fixture = await makeRelease("alpha", "1");
  await publish(fixture);
  store = createModelStore(bucket, Date.now, () => {});
});

async function ask(
  path: string,
  { headers, limiter, from = store }: { headers?: HeadersInit; limiter?: RateLimit; from?: ModelStore } = {},
): Promise<Response> {
  lines = [];
  const app = createApp(from, { limiter, now: () => 5, log: (line) => lines.push(line) });
  const response = await app.fetch(new Request(ORIGIN + path, headers ? { headers } : {}));
  const body = await response.arrayBuffer();
  return new Response([204, 304].includes(response.status) ? null : body, response);
}
const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

it("the table of operations lists the routes of the app", () => {
  const routed = createApp(store)
    // The operator's address is in no description.
    .routes.filter(({ path }) => !path.includes("*") && path !== "/purge")
    .map(({ method, path }) => `${method} ${path}`);
  const described = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
  expect(described.toSorted()).toEqual(routed.toSorted());
});

describe("the log", () => {
  it("has one line per request, with route, model, version, status, time and the reply's id", async () => {
    const response = await ask("/sample?seed=secret", { headers: { "cf-ray": "0123456789abcdef-AMS" } });
    expect(response.headers.get("X-Request-Id")).toBe("0123456789abcdef-AMS");
    expect(logged()).toEqual([
      {
        message: "request",
        requestId: "0123456789abcdef-AMS",
        method: "GET",
        route: "/sample",
        model: "alpha",
        version: fixture.version,
        status: 200,
        milliseconds: 0,
      },
    ]);
  });

  it.each(["/sample?seed=secret", "/sample?seed=secret&size=1", "/secret", "/sample/secret?secret=secret"])(
    "of %s has neither address, seed nor query",
    async (path) => {
      const headers = {
        "CF-Connecting-IP": "192.0.2.7",
        "User-Agent": "agent",
        Referer: "https://secret.example",
      };
      await ask(path, { headers, limiter: { limit: async () => ({ success: true }) } });
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toMatch(/secret|192\.0\.2|agent/);
    },
  );

  it("gives each request its own id if the platform gives none", async () => {
    const [one, two] = [await ask("/models"), await ask("/models")];
    expect(one.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.headers.get("X-Request-Id")).not.toBe(two.headers.get("X-Request-Id"));
  });

  it("has a failure's cause under the reply's id, which the reply does not reveal", async () => {
    const errors: string[] = [];
    const spy = vi.spyOn(console, "error").mockImplementation((line: string) => void errors.push(line));
    const cause = new Error("the disk is on fire");
    const catalog = async () => {
      throw new Error("no catalog today", { cause });
    };
    const response = await ask("/models", { from: { ...store, catalog } });
    spy.mockRestore();
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toMatch(/catalog today|on fire/);
    const { requestId } = JSON.parse(text) as { requestId: string };
    const failure = JSON.parse(errors[0]!) as object;
    expect(failure).toMatchObject({
      message: "failure",
      requestId,
      detail: "no catalog today",
      cause: { detail: "the disk is on fire" },
    });
    expect(logged()).toMatchObject([{ requestId, status: 500 }]);
  });
});

describe("the limit", () => {
  const refusing: RateLimit = { limit: async () => ({ success: false }) };

  it("refuses before any work, and the refusal is logged", async () => {
    const response = await ask("/sample", {
      headers: { "CF-Connecting-IP": "192.0.2.1" },
      limiter: refusing,
    });
    expect(response.status).toBe(429);
    expect(response.headers.get("X-Request-Id")).toBe(logged()[0]!.requestId);
    expect(logged()[0]!.status).toBe(429);
  });

  it("lets all requests through while its binding fails, and logs that once", async () => {
    const errors = vi.spyOn(console, "error").mockImplementation(() => {});
    let outcome: Promise<{ success: boolean }> | undefined;
    const app = createApp(store, {
      limiter: { limit: () => outcome ?? Promise.reject(new Error("the counter is away")) },
      now: () => 5,
      log: () => {},
    });
    const status = async () => {
      const request = new Request(`${ORIGIN}/models`, { headers: { "CF-Connecting-IP": "192.0.2.1" } });
      return (await app.fetch(request)).status;
    };
    expect([await status(), await status(), await status()]).toEqual([200, 200, 200]);
    expect(errors.mock.calls.flat()).toEqual([expect.stringContaining("the counter is away")]);
    outcome = Promise.resolve({ success: false });
    expect(await status()).toBe(429);
    outcome = undefined;
    expect(await status()).toBe(200);
    expect(errors).toHaveBeenCalledTimes(2);
    errors.mockRestore();
  });

  it("is a second one for uploads and sheets, and all replies tell both", async () => {
    const app = createApp(store, {
      limiter: { limit: async () => ({ success: true }) },
      heavyLimiter: refusing,
      log: () => {},
    });
    const reply = (path: string, method = "GET") =>
      app.request(path, { method, headers: { "CF-Connecting-IP": "192.0.2.1" } });
    for (const path of ["/sample?seed=1", "/models", "/nothing"]) {
      const { status, headers } = await reply(path);
      expect(status).not.toBe(429);
      expect(headers.get("RateLimit-Policy")).toBe('"client";q=3000;w=60, "heavy";q=600;w=60');
    }
    for (const path of ["/grid", "/interpolate?from=a&to=b", "/manifold"]) {
      expect((await reply(path)).status).toBe(429);
    }
    for (const path of ["/encode", "/reconstruct"]) expect((await reply(path, "POST")).status).toBe(429);
    expect((await ask("/models")).headers.get("RateLimit-Policy")).toBeNull();
  });

  it("is off without a binding or an address", async () => {
    expect((await ask("/models", { headers: { "CF-Connecting-IP": "192.0.2.1" } })).status).toBe(200);
    expect((await ask("/models", { limiter: refusing })).status).toBe(200);
  });

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"],
    ["2001:DB8:1:2::1", "2001:0db8:0001:0002"],
    ["2001:db8::1", "2001:0db8:0000:0000"],
    ["::1", "0000:0000:0000:0000"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:0db8:0001:0002:ffff::", "2001:0db8:0001:0002"],
  ])("counts %s as %s", (address, client) => {
    expect(clientOf(address)).toBe(client);
  });
});

describe("the suggestion for an unknown name", () => {
  it.each([
    ["/sample?sede=1", 'did you mean "seed"'],
    ["/sample?Size=1", 'did you mean "size"'],
    ["/sample?colour=1", "the parameters are seed"],
    [`/sample?${"seed".repeat(1000)}=1`, "the parameters are seed"],
  ])("%s", async (path, hint) => {
    const { detail } = await (await ask(path)).json<{ detail: string }>();
    expect(detail).toContain(hint);
  });

  it("is absent if no name is similar", async () => {
    const { detail } = await (await ask("/sample?quality=1")).json<{ detail: string }>();
    expect(detail).not.toContain("did you mean");
  });
});

describe("caching", () => {
  it("tags cacheable replies by model and version, and nothing else", async () => {
    const tag = async (path: string) => (await ask(path)).headers.get("Cache-Tag");
    expect(await tag("/sample?seed=1")).toBe(`alpha,alpha@${fixture.version}`);
    expect(await tag(`/sample?seed=1&model=alpha@${fixture.version}`)).toBe(`alpha,alpha@${fixture.version}`);
    expect(await tag("/sample")).toBeNull();
    expect(await tag("/sample?size=1")).toBeNull();
    expect(await tag("/models")).toBe("catalog");
  });

  it("varies by nothing but the address", async () => {
    for (const headers of [
      { Accept: "image/webp" },
      { Origin: "https://elsewhere.example" },
      { "Accept-Language": "fr" },
    ]) {
      const response = await ask("/sample?seed=1", { headers });
      expect(response.headers.get("Vary")).toBeNull();
      expect(await response.arrayBuffer()).toEqual(await (await ask("/sample?seed=1")).arrayBuffer());
    }
  });

  it("answers 304 for the list of models, too", async () => {
    const etag = (await ask("/models")).headers.get("ETag")!;
    const again = await ask("/models", { headers: { "If-None-Match": etag } });
    expect(again.status).toBe(304);
    expect(again.headers.get("ETag")).toBe(etag);
  });
});

describe("security headers leave cross-site use working", () => {
  it.each(["/sample?seed=1", "/sample?seed=1&format=svg", "/models", "/sample?size=1", "/nothing"])(
    "%s",
    async (path) => {
      const { headers } = await ask(path);
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Cross-Origin-Resource-Policy")).toBe("cross-origin");
      expect(headers.get("Referrer-Policy")).toBe("no-referrer");
      expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
      const isSvg = headers.get("Content-Type") === "image/svg+xml";
      expect(headers.get("Content-Security-Policy")).toBe(
        isSvg ? "default-src 'none'; style-src 'unsafe-inline'" : null,
      );
    },
  );
});
