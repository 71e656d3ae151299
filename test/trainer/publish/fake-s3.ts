// An S3 server over real HTTP that does to its clients what networks and S3-compatible servers do.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import type { S3Access } from "../../../trainer/publish/s3-bucket.ts";

/**
 * - plain: nothing is wrong
 * - reset, 503, skew, hang, redirect: every request is cut off, answered so, or not answered
 * - reset-once, busy-once, conflict-once: the first request of a kind
 * - cut: half of the first reply to a GET arrives
 * - lost-reset, lost-503: the first put of a key is carried out, and its reply is lost
 * - lost-and-replaced: besides, another publisher puts something else there meanwhile
 * - gzip: replies are compressed whatever the client asks for, with a weak ETag; gzip-suffix: with the coding in it
 * - no-bucket: there is no such bucket
 * - stuck-after-15: refuses puts when it holds 15 objects
 */
export type Mode =
  | ("plain" | "reset" | "reset-once" | "busy-once" | "conflict-once" | "cut" | "lost-reset" | "lost-503")
  | ("lost-and-replaced" | "503" | "skew" | "hang" | "redirect" | "gzip" | "gzip-suffix" | "no-bucket")
  | "stuck-after-15";

export interface FakeS3 {
  readonly access: S3Access;
  /** For commands with --remote. */
  readonly env: NodeJS.ProcessEnv;
  readonly objects: Map<string, StoredBody>;
  /** Methods and keys in the order of their coming. */
  readonly requests: string[];
  readonly setMode: (mode: Mode) => void;
}

interface StoredBody {
  readonly body: Buffer;
  readonly etag: string;
  readonly at: string;
}

/** Listens on 127.0.0.1 until the test is finished. */
export async function startFakeS3(mode: Mode = "plain"): Promise<FakeS3> {
  const objects = new Map<string, StoredBody>();
  const requests: string[] = [];
  let present = mode;
  const store = (key: string, body: Buffer) => {
    const etag = `"${createHash("md5").update(body).digest("hex")}"`;
    objects.set(key, { body, etag, at: new Date().toISOString() });
    return etag;
  };
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request).catch(() => undefined);
    // The client hung up.
    if (!body) return;
    const url = new URL(request.url!, "http://localhost");
    const key = decodeURIComponent(url.pathname).replace(/^\/[^/]+\/?/, "");
    const id = `${request.method} ${key}`;
    const isFirst = !requests.includes(id);
    requests.push(id);
    const refuse = (status: number, code: string, message = "") => {
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    };
    if (present === "hang") return;
    if (present === "reset" || (present === "reset-once" && isFirst)) return request.socket.destroy();
    if (present === "skew") return refuse(403, "RequestTimeTooSkewed", "The clocks differ\n  too much.");
    if (present === "503") return refuse(503, "SlowDown");
    if (present === "no-bucket") return refuse(404, "NoSuchBucket", "The bucket does not exist.");
    if (present === "busy-once" && isFirst) return refuse(429, "TooManyRequests");
    if (present === "conflict-once" && isFirst) return refuse(409, "ConditionalRequestConflict");
    if (present === "redirect") {
      response.writeHead(301, { location: "http://127.0.0.1:9/" });
      return response.end();
    }
    const stored = objects.get(key);
    if (request.method === "DELETE") {
      objects.delete(key);
      return response.writeHead(204).end();
    }
    if (request.method === "PUT") {
      if (present === "stuck-after-15" && objects.size >= 15) return refuse(403, "AccessDenied");
      const { "if-match": match, "if-none-match": noneMatch } = request.headers;
      if (match !== undefined && !stored) return refuse(404, "NoSuchKey");
      if ((noneMatch === "*" && stored) || (match !== undefined && match !== stored?.etag)) {
        return refuse(412, "PreconditionFailed");
      }
      const etag = store(key, body);
      if (isFirst && present.startsWith("lost")) {
        if (present === "lost-503") return refuse(503, "InternalError");
        if (present === "lost-and-replaced") store(key, Buffer.from(crypto.randomUUID()));
        return request.socket.destroy();
      }
      return response.writeHead(200, { etag }).end();
    }
    if (key === "") return list(objects, url.searchParams.get("prefix") ?? "", response);
    if (!stored) return refuse(404, "NoSuchKey");
    if (present === "cut" && isFirst) {
      response.writeHead(200, { etag: stored.etag, "content-length": stored.body.length });
      response.write(stored.body.subarray(0, stored.body.length >> 1), () => request.socket.destroy());
      return;
    }
    if (present.startsWith("gzip")) {
      const etag = present === "gzip" ? `W/${stored.etag}` : stored.etag.replace(/"$/, '-gzip"');
      response.writeHead(200, { etag, "content-encoding": "gzip", vary: "accept-encoding" });
      return response.end(gzipSync(stored.body));
    }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const part = first && stored.body.subarray(Number(first), Number(last) + 1);
    response.writeHead(part ? 206 : 200, { etag: stored.etag }).end(part || stored.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const access = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: "edge-digits",
    accessKeyId: "key",
    secretAccessKey: "secret",
  };
  return {
    access,
    env: {
      R2_ENDPOINT: access.endpoint,
      R2_ACCESS_KEY_ID: access.accessKeyId,
      R2_SECRET_ACCESS_KEY: access.secretAccessKey,
    },
    objects,
    requests,
    setMode: (next) => {
      present = next;
      requests.length = 0;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function list(objects: ReadonlyMap<string, StoredBody>, prefix: string, response: ServerResponse): void {
  const items = [...objects].flatMap(([key, { at, body }]) =>
    key.startsWith(prefix)
      ? `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${at}</LastModified><Size>${body.length}</Size></Contents>`
      : [],
  );
  response.writeHead(200, { "content-type": "application/xml" });
  response.end(
    `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${items.join("")}</ListBucketResult>`,
  );
}
