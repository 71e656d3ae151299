// A real R2 bucket over its S3 API, with conditional puts. Networks lose requests and replies, so requests are retried; when
// a repeated put is refused, the object is compared first, because the lost attempt may have succeeded.
// https://developers.cloudflare.com/r2/api/s3/api/ (PutObject, ListObjectsV2)

import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { PublishError, reasonOf } from "../errors.ts";
import { type Bucket, contentTypeOf } from "./bucket.ts";
import { readListing, readRefusal } from "./s3-replies.ts";

export interface S3Access {
  /** Such as https://<account>.r2.cloudflarestorage.com */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** By default R2's. */
  readonly region?: string;
}

/** Attempts per request, the time limit of each, and the first pause, which doubles. */
const PATIENCE = { attempts: 5, timeoutMs: 60_000, pauseMs: 250 };

interface Reply {
  readonly status: number;
  readonly etag: string | null;
  /** Empty where it was asked for as a stream. */
  readonly body: Uint8Array;
  readonly stream?: ReadableStream | undefined;
  /** The request was sent before, and may have succeeded. */
  readonly isRepeated: boolean;
}

/** A real bucket. Its functions throw a PublishError that names bucket and cause in one line. */
export function openS3Bucket(
  { endpoint, bucket, accessKeyId, secretAccessKey, region = "auto" }: S3Access,
  { attempts, timeoutMs, pauseMs } = PATIENCE,
): Bucket {
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region });
  const description = `the bucket "${bucket}" at ${endpoint}`;
  const root = `${endpoint.replace(/\/$/, "")}/${bucket}`;
  const pathOf = (key: string) => `/${key.split("/").map(encodeURIComponent).join("/")}`;

  const sendOnce = async (path: string, init: RequestInit) => {
    const request = await client.sign(`${root}${path}`, init);
    // Added after signing, because proxies change it. Compressed replies have ETags other than the object's.
    request.headers.set("accept-encoding", "identity");
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException("no reply", "TimeoutError")), timeoutMs);
    try {
      const response = await fetch(request, { redirect: "manual", signal: late.signal });
      const { status, headers } = response;
      const head = { status, etag: headers.get("etag") };
      // Parts of an object take as long as whoever reads them.
      if (status === 206) return { ...head, body: new Uint8Array(), stream: response.body ?? undefined };
      return { ...head, body: new Uint8Array(await response.arrayBuffer()) };
    } finally {
      clearTimeout(timer);
    }
  };

  /** @param what  for messages, such as `GET catalog.json` */
  const send = async (what: string, path: string, init: RequestInit): Promise<Reply> => {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === attempts;
      try {
        const reply = await sendOnce(path, init);
        if (isLast || !isTransient(reply.status)) return { ...reply, isRepeated: attempt > 1 };
      } catch (cause) {
        const why =
          (cause as Error).name === "TimeoutError" ? `no reply in ${timeoutMs} ms` : reasonOf(cause);
        if (isLast) {
          throw new PublishError(`cannot reach ${description}: ${what}: ${why}, ${attempts} attempts`, {
            cause,
          });
        }
      }
      await sleep(pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    }
  };
  const refusal = (what: string, { status, body }: Reply) =>
    new PublishError(`${description} answered ${status} to ${what}: ${readRefusal(body).message}`);

  const get = async (key: string) => {
    const what = `GET ${key}`;
    const reply = await send(what, pathOf(key), { method: "GET" });
    if (reply.status === 404 && readRefusal(reply.body).code !== "NoSuchBucket") return undefined;
    if (reply.status !== 200) throw refusal(what, reply);
    if (!reply.etag) throw new PublishError(`${description} answered ${what} without an ETag`);
    return { body: reply.body, etag: strongEtag(reply.etag) };
  };

  const put = async (key: string, body: Uint8Array, condition: Record<string, string>) => {
    const what = `PUT ${key}`;
    const reply = await send(what, pathOf(key), {
      method: "PUT",
      body: body as Uint8Array<ArrayBuffer>,
      headers: { "content-type": contentTypeOf(key), ...condition },
    });
    if (reply.status === 412) {
      // It may be our own object, put by an attempt whose reply was lost.
      const stored = reply.isRepeated ? await get(key) : undefined;
      return stored !== undefined && Buffer.compare(stored.body, body) === 0;
    }
    // The object to be replaced is gone.
    if (reply.status === 404 && readRefusal(reply.body).code === "NoSuchKey") return false;
    if (reply.status < 200 || reply.status > 299) throw refusal(what, reply);
    return true;
  };

  const slice = async (key: string, offset: number, length: number) => {
    const what = `GET ${key}`;
    const range = `bytes=${offset}-${offset + length - 1}`;
    const reply = await send(what, pathOf(key), { method: "GET", headers: { range } });
    if (reply.status === 404 && readRefusal(reply.body).code !== "NoSuchBucket") return undefined;
    if (reply.status !== 206) throw refusal(`${what}, ${range}`, reply);
    return reply.stream;
  };

  return {
    description,
    get,
    slice,
    create: (key, body) => put(key, body, { "if-none-match": "*" }),
    swap: (key, body, etag) =>
      put(key, body, etag === undefined ? { "if-none-match": "*" } : { "if-match": etag }),
    list: async (prefix) => {
      const pages = [];
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", prefix });
        if (token) query.set("continuation-token", token);
        const what = `the listing of ${prefix || "all"}`;
        const reply = await send(what, `?${query}`, { method: "GET" });
        if (reply.status !== 200) throw refusal(what, reply);
        const page = readListing(reply.body, description);
        pages.push(page.objects);
        token = page.next;
      } while (token);
      return pages.flat();
    },
    delete: async (key) => {
      const reply = await send(`DELETE ${key}`, pathOf(key), { method: "DELETE" });
      const isGone = reply.status === 404 && readRefusal(reply.body).code !== "NoSuchBucket";
      if (!isGone && (reply.status < 200 || reply.status > 299)) throw refusal(`DELETE ${key}`, reply);
    },
    close: async () => {},
  };
}

/** Timeouts, conflicts of simultaneous puts, too many requests, and server errors. */
function isTransient(status: number): boolean {
  return status >= 500 || [408, 409, 429].includes(status);
}

/** The ETag for If-Match: servers that compress a reply make its ETag weak, or append the coding (RFC 9110, 8.8.3.3). */
function strongEtag(etag: string): string {
  return etag.replace(/^W\//, "").replace(/[-;:]+(?:gzip|br|zstd|deflate)"$/, '"');
}
