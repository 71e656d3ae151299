// A real R2 bucket over its S3 API, with conditional puts.
// https://developers.cloudflare.com/r2/api/s3/api/ (PutObject, ListObjectsV2)

import { AwsClient } from "aws4fetch";
import { type Bucket, contentTypeOf, type ListedObject } from "./bucket.ts";
import { PublishError } from "./errors.ts";

/** What the S3 API asks for. */
export interface S3Access {
  /** Such as https://<account>.r2.cloudflarestorage.com */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A real bucket. Transient failures are retried by aws4fetch; a conditional put is safe to repeat. */
export function openS3Bucket({ endpoint, bucket, accessKeyId, secretAccessKey }: S3Access): Bucket {
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "auto", retries: 4 });
  const root = `${endpoint.replace(/\/$/, "")}/${bucket}`;
  const url = (key: string) => `${root}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const put = async (key: string, body: Uint8Array, condition: Record<string, string>) => {
    const response = await client.fetch(url(key), {
      method: "PUT",
      body: body as Uint8Array<ArrayBuffer>,
      headers: { "content-type": contentTypeOf(key), ...condition },
    });
    if (response.status === 412) return false;
    if (!response.ok) throw await failure("PUT", key, response);
    return true;
  };
  const failure = async (method: string, key: string, response: Response) =>
    new PublishError(
      `${method} ${url(key)} answered ${response.status}: ${(await response.text()).slice(0, 300)}`,
    );
  const listPage = async (prefix: string, token: string | undefined) => {
    const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", prefix });
    if (token) query.set("continuation-token", token);
    const response = await client.fetch(`${root}?${query}`);
    if (!response.ok) throw await failure("LIST", prefix, response);
    return readListing(await response.text());
  };
  return {
    description: `the bucket "${bucket}" at ${endpoint}`,
    get: async (key) => {
      const response = await client.fetch(url(key));
      if (response.status === 404) return undefined;
      const etag = response.headers.get("etag");
      if (!response.ok || !etag) throw await failure("GET", key, response);
      return { body: new Uint8Array(await response.arrayBuffer()), etag };
    },
    create: (key, body) => put(key, body, { "if-none-match": "*" }),
    swap: (key, body, etag) =>
      put(key, body, etag === undefined ? { "if-none-match": "*" } : { "if-match": etag }),
    list: async (prefix) => {
      const found: ListedObject[] = [];
      let token: string | undefined;
      do {
        const page = await listPage(prefix, token);
        found.push(...page.objects);
        token = page.next;
      } while (token);
      return found;
    },
    delete: async (key) => {
      const response = await client.fetch(url(key), { method: "DELETE" });
      if (!response.ok && response.status !== 404) throw await failure("DELETE", key, response);
    },
    close: async () => {},
  };
}

/** The answer to ListObjectsV2: flat XML, keys percent-encoded. */
function readListing(xml: string): {
  readonly objects: readonly ListedObject[];
  readonly next: string | undefined;
} {
  const field = (text: string, tag: string) => text.match(new RegExp(`<${tag}>([^<]*)</${tag}>`))?.[1];
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, item]) => {
    const [key, size, modified] = ["Key", "Size", "LastModified"].map((tag) => field(item!, tag));
    if (key === undefined || size === undefined || modified === undefined) {
      throw new PublishError(`the bucket listed an object without key, size or date: ${item}`);
    }
    return { key: decodeURIComponent(key), bytes: Number(size), uploadedAt: new Date(modified) };
  });
  const next = field(xml, "NextContinuationToken")?.replaceAll("&amp;", "&");
  if (field(xml, "IsTruncated") === "true" && !next) {
    throw new PublishError("the bucket's listing is cut off without a token to go on with");
  }
  return { objects, next };
}
