// POST /purge: what the operator's own cache forgets, and what is said where it does not.

import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../../../worker/app.ts";
import { createModelStore, type ModelStore } from "../../../worker/models/model-store.ts";
import { makeRelease } from "../../fixture.ts";
import { bucket, publish } from "../bucket.ts";

let store: ModelStore;
let asked: unknown[];
let lines: Record<string, unknown>[];
/** What the platform says to a purge. */
let outcome: CachePurgeResult | Error;

beforeAll(async () => {
  await publish(await makeRelease("alpha", "1"));
  store = createModelStore(bucket, Date.now, () => {});
});
beforeEach(() => {
  [asked, lines, outcome] = [[], [], { success: true, errors: [] }];
  vi.stubGlobal("console", { ...console, error: vi.fn() });
  return () => vi.unstubAllGlobals();
});

const cache: Pick<CacheContext, "purge"> = {
  purge: async (what) => {
    asked.push(what);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  },
};
async function ask(
  path: string,
  authorization: string | undefined,
  { method = "POST", purgeToken = "right", hasCache = true } = {},
) {
  const app = createApp(store, {
    purgeToken,
    now: () => 0,
    log: (line) => lines.push(JSON.parse(line)),
  });
  const headers: HeadersInit = authorization === undefined ? {} : { Authorization: authorization };
  const context = (hasCache ? { cache } : {}) as unknown as ExecutionContext;
  const response = await app.fetch(
    new Request(`https://digits.example${path}`, { method, headers }),
    {},
    context,
  );
  return {
    status: response.status,
    headers: response.headers,
    body: await response.json<Record<string, unknown>>(),
  };
}
const audit = () => lines.filter(({ message }) => message === "purge");

describe("POST /purge", () => {
  it.each(["Bearer right", "bearer right", "BEARER  right "])(
    "purges tags, or everything, for who sends %j, and leaves one line of log",
    async (authorization) => {
      const { status, headers, body } = await ask("/purge?tag=alpha&tag=catalog", authorization);
      expect([status, body, headers.get("Cache-Control")]).toEqual([
        200,
        { purged: ["alpha", "catalog"] },
        "no-store",
      ]);
      expect(asked).toEqual([{ tags: ["alpha", "catalog"] }]);
      const requestId = headers.get("X-Request-Id");
      expect(audit()).toEqual([
        { message: "purge", requestId, purged: ["alpha", "catalog"], success: true, errors: [] },
      ]);
      expect(lines.at(-1)).toMatchObject({ message: "request", route: "/purge", status: 200 });
      expect((await ask("/purge", authorization)).body).toEqual({ purged: "everything" });
      expect(asked.at(-1)).toEqual({ purgeEverything: true });
    },
  );

  it.each([
    ["/purge?tags=alpha", "tags"],
    ["/purge?Tag=alpha", "Tag"],
    ["/purge?tag=", "tag"],
    ["/purge?tag=alpha&tag=Alpha%20", "tag"],
    ["/purge?tag=alpha&everything", "everything"],
  ])("%s purges nothing: 400", async (path, parameter) => {
    const { status, body } = await ask(path, "Bearer right");
    expect([status, body.parameter]).toEqual([400, parameter]);
    expect([asked, audit()]).toEqual([[], []]);
  });

  it("is 502 with the platform's message if the platform refuses or fails, and logged", async () => {
    const errors = [{ code: 1134, message: "purges are limited to 5 a minute" }];
    for (const said of [{ success: false, errors }, new Error(errors[0]!.message)]) {
      outcome = said;
      const { status, body } = await ask("/purge?tag=alpha", "Bearer right");
      expect([status, body.type]).toEqual([502, "/problems/purge-refused"]);
      expect(body.detail).toContain("5 a minute");
      expect(audit().at(-1)).toMatchObject({ success: false, errors: [{ message: errors[0]!.message }] });
    }
  });

  it("is 503 without a cache", async () => {
    const { status, body, headers } = await ask("/purge", "Bearer right", { hasCache: false });
    expect([status, body.type]).toEqual([503, "/problems/no-cache"]);
    expect(headers.get("Retry-After")).toBeNull();
  });

  it("does not exist for anybody else, whatever they send", async () => {
    const elsewhere = await ask("/nowhere", undefined);
    for (const authorization of [
      "Bearer wrong",
      "Bearer right2",
      "Bearer",
      "Basic right",
      "right",
      undefined,
    ]) {
      for (const path of ["/purge", "/purge?tags=alpha"]) {
        const { status, body } = await ask(path, authorization);
        expect([status, body.type, body.title]).toEqual([404, elsewhere.body.type, elsewhere.body.title]);
      }
    }
    expect((await ask("/purge", "Bearer ", { purgeToken: "" })).status).toBe(404);
    for (const method of ["GET", "DELETE", "OPTIONS"]) {
      expect((await ask("/purge", "Bearer right", { method })).status, method).toBe(404);
    }
    expect(asked).toEqual([]);
  });
});
