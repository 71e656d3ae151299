// The S3 bucket before a server that loses requests and replies, over real HTTP.

import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { s3AccessFromEnvironment } from "../../../trainer/commands/bucket-options.ts";
import { PublishError, UsageError } from "../../../trainer/errors.ts";
import { openS3Bucket } from "../../../trainer/publish/s3-bucket.ts";
import { startFakeS3 } from "./fake-s3.ts";

const PATIENCE = { attempts: 3, timeoutMs: 20_000, pauseMs: 1 };
const text = (value: string) => new TextEncoder().encode(value);

async function open(...[mode]: Parameters<typeof startFakeS3>) {
  const server = await startFakeS3(mode);
  return { ...server, bucket: openS3Bucket(server.access, PATIENCE) };
}

describe("a request to the S3 API", () => {
  it.each(["plain", "reset-once", "busy-once", "conflict-once", "cut", "lost-reset", "lost-503"] as const)(
    "does what it says, once, over a network that is %s",
    async (mode) => {
      const { bucket, objects } = await open(mode);
      expect(await bucket.create("a/b c", text("one"))).toBe(true);
      expect(await bucket.create("a/b c", text("two"))).toBe(false);
      expect(await bucket.swap("catalog.json", text("first edition"), undefined)).toBe(true);
      const { etag, body } = (await bucket.get("catalog.json"))!;
      expect(body).toEqual(text("first edition"));
      expect(await bucket.swap("catalog.json", text("second"), etag)).toBe(true);
      expect(await bucket.swap("catalog.json", text("third"), etag)).toBe(false);
      expect((await bucket.list("a/")).map(({ key, bytes }) => [key, bytes])).toEqual([["a/b c", 3]]);
      await bucket.delete("a/b c");
      expect([...objects].map(([key, { body }]) => [key, body.toString()])).toEqual([
        ["catalog.json", "second"],
      ]);
    },
  );

  it.each(["lost-reset", "lost-503"] as const)("finds its own swap in place after %s", async (mode) => {
    const { bucket, setMode } = await open();
    await bucket.create("catalog.json", text("old"));
    const { etag } = (await bucket.get("catalog.json"))!;
    setMode(mode);
    expect(await bucket.swap("catalog.json", text("new"), etag)).toBe(true);
  });

  it("does not mistake another's object for its own", async () => {
    const { bucket, setMode } = await open("lost-and-replaced");
    expect(await bucket.create("catalog.json", text("ours"))).toBe(false);
    const { etag } = (await bucket.get("catalog.json"))!;
    setMode("lost-and-replaced");
    expect(await bucket.swap("catalog.json", text("ours"), etag)).toBe(false);
  });

  it("counts a deleted object as changed", async () => {
    const { bucket } = await open();
    await bucket.create("a", text("one"));
    const { etag } = (await bucket.get("a"))!;
    await bucket.delete("a");
    expect(await bucket.swap("a", text("two"), etag)).toBe(false);
  });

  it.each(["gzip", "gzip-suffix"] as const)(
    "reads and swaps over a server that answers in %s",
    async (mode) => {
      const { bucket } = await open(mode);
      await bucket.create("a", text("one"));
      const { body, etag } = (await bucket.get("a"))!;
      expect(body).toEqual(text("one"));
      expect(await bucket.swap("a", text("two"), etag)).toBe(true);
    },
  );

  it.each(["plain", "reset-once", "busy-once"] as const)(
    "reads part of an object over a network that is %s",
    async (mode) => {
      const { bucket, setMode } = await open();
      await bucket.create("a", text("0123456789"));
      setMode(mode);
      const part = await bucket.slice!("a", 3, 4);
      expect(await new Response(part).text()).toBe("3456");
      expect(await bucket.slice!("b", 3, 4)).toBeUndefined();
    },
  );

  it("fails where a server sends all instead of part of an object", async () => {
    const { bucket } = await open("gzip");
    await bucket.create("a", text("0123456789"));
    await expect(bucket.slice!("a", 3, 4)).rejects.toThrow(/answered 200 to GET a, bytes=3-6/);
  });

  it("asks for no compression", async () => {
    let asked: string | undefined;
    const server = createServer(({ headers }, response) => {
      asked = headers["accept-encoding"];
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const access = { bucket: "b", accessKeyId: "a", secretAccessKey: "b" };
    await openS3Bucket({ ...access, endpoint: `http://127.0.0.1:${port}` }, PATIENCE).get("a");
    server.close();
    expect(asked).toBe("identity");
  });

  it.each([
    ["reset", /^cannot reach the bucket "edge-digits" at http.*: GET a: .+, 3 attempts$/, 3],
    ["hang", /GET a: no reply in 50 ms, 3 attempts$/, 3],
    ["503", /^the bucket "edge-digits" at http.* answered 503 to GET a: SlowDown$/, 3],
    ["skew", /answered 403 to GET a: RequestTimeTooSkewed: The clocks differ too much\.$/, 1],
    ["redirect", /answered 301 to GET a: no reason given$/, 1],
    ["no-bucket", /answered 404 to GET a: NoSuchBucket: The bucket does not exist\.$/, 1],
  ] as const)("fails with the bucket and the cause in one line: %s", async (mode, message, tries) => {
    const { access, requests } = await startFakeS3(mode);
    const bucket = openS3Bucket(access, mode === "hang" ? { ...PATIENCE, timeoutMs: 50 } : PATIENCE);
    const error = await bucket.get("a").catch((failure) => failure);
    expect(error).toBeInstanceOf(PublishError);
    expect(error.message).toMatch(message);
    expect(requests).toHaveLength(tries);
    for (const ask of [
      () => bucket.create("a", text("x")),
      () => bucket.list(""),
      () => bucket.delete("a"),
    ]) {
      await expect(ask()).rejects.toThrow(PublishError);
    }
  });

  it("fails in the same way when nothing listens", async () => {
    const { access } = await startFakeS3();
    const bucket = openS3Bucket({ ...access, endpoint: "http://127.0.0.1:47" }, PATIENCE);
    await expect(bucket.get("a")).rejects.toThrow(
      'cannot reach the bucket "edge-digits" at http://127.0.0.1:47: GET a: connect ECONNREFUSED 127.0.0.1:47',
    );
  });
});

describe("the environment of --remote", () => {
  const env = { R2_ENDPOINT: "https://r2.example", R2_ACCESS_KEY_ID: "x", R2_SECRET_ACCESS_KEY: "y" };

  it.each([
    ["R2_ENDPOINT", "r2.example"],
    ["R2_ENDPOINT", "https://"],
    ["R2_ENDPOINT", "ftp://r2.example"],
    ["R2_ENDPOINT", "https://user:secret@r2.example"],
    ["R2_SECRET_ACCESS_KEY", "secret\n"],
  ])("with a malformed %s is a usage error that does not show it: %j", (name, value) => {
    const read = () => s3AccessFromEnvironment({ ...env, [name]: value });
    expect(read).toThrow(UsageError);
    expect(read).toThrow(new RegExp(`${name} is malformed`));
    expect(read).not.toThrow(/secret\b/);
  });

  it("with an invalid account ID is a usage error too", () => {
    const account = { ...env, R2_ENDPOINT: undefined, CLOUDFLARE_ACCOUNT_ID: "my account/" };
    expect(() => s3AccessFromEnvironment(account)).toThrow("CLOUDFLARE_ACCOUNT_ID is malformed");
  });
});
