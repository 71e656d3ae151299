// What the S3 API writes in XML: listings and refusals. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html

import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";
import { PublishError } from "../errors.ts";
import type { ListedObject } from "./bucket.ts";

const parser = new XMLParser({ parseTagValue: false, isArray: (tag) => tag === "Contents" });

const ObjectSchema = v.object({
  Key: v.pipe(v.string(), v.transform(decodeURIComponent)),
  Size: v.pipe(v.string(), v.digits(), v.transform(Number)),
  LastModified: v.pipe(
    v.string(),
    v.transform((text) => new Date(text)),
    v.date(),
  ),
});

const ListingSchema = v.object({
  ListBucketResult: v.object({
    IsTruncated: v.optional(v.string(), "false"),
    NextContinuationToken: v.optional(v.string()),
    Contents: v.optional(v.array(ObjectSchema), []),
  }),
});

const RefusalSchema = v.object({ Error: v.object({ Code: v.string(), Message: v.optional(v.string()) }) });

interface Listing {
  readonly objects: readonly ListedObject[];
  /** Where the next page begins, if there is one. */
  readonly next: string | undefined;
}

/**
 * One page of ListObjectsV2 with percent-encoded keys.
 * @param bucket  for messages
 * @throws PublishError
 */
export function readListing(xml: Uint8Array, bucket: string): Listing {
  let listing: v.InferOutput<typeof ListingSchema>;
  try {
    listing = v.parse(ListingSchema, parser.parse(textOf(xml)));
  } catch (cause) {
    throw new PublishError(`${bucket} answered with no listing of objects: ${excerpt(xml)}`, { cause });
  }
  const { IsTruncated, NextContinuationToken: next, Contents } = listing.ListBucketResult;
  if (IsTruncated === "true" && !next) {
    throw new PublishError(`${bucket} cut its listing off without a token to go on with`);
  }
  const objects = Contents.map(({ Key, Size, LastModified }) => ({
    key: Key,
    bytes: Size,
    uploadedAt: LastModified,
  }));
  return { objects, next: IsTruncated === "true" ? next : undefined };
}

/** The server's own code and message, or the beginning of whatever else it wrote. */
export function readRefusal(body: Uint8Array): { readonly code: string | undefined; readonly says: string } {
  const unknown = { code: undefined, says: excerpt(body) || "no reason given" };
  try {
    const result = v.safeParse(RefusalSchema, parser.parse(textOf(body)));
    if (!result.success) return unknown;
    const { Code, Message } = result.output.Error;
    return { code: Code, says: inOneLine(Message ? `${Code}: ${Message}` : Code) };
  } catch {
    return unknown;
  }
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

function excerpt(body: Uint8Array): string {
  return inOneLine(textOf(body)).slice(0, 200);
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
