// The S3 API's XML: listings and errors. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html

import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";
import { PublishError } from "../errors.ts";
import type { ListedObject } from "./bucket.ts";

const parser = new XMLParser({ parseTagValue: false, isArray: (tag) => tag === "Contents" });

const ObjectSchema = v.pipe(
  v.object({
    Key: v.pipe(v.string(), v.transform(decodeURIComponent)),
    Size: v.pipe(v.string(), v.digits(), v.transform(Number)),
    LastModified: v.pipe(v.string(), v.toDate()),
  }),
  v.transform(({ Key, Size, LastModified }) => ({ key: Key, bytes: Size, uploadedAt: LastModified })),
);

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
  /** Token of the next page, if there is one. */
  readonly next: string | undefined;
}

/**
 * One page of ListObjectsV2 with percent-encoded keys.
 * @param bucket  for messages
 * @throws PublishError
 */
export function readListing(xml: Uint8Array, bucket: string): Listing {
  try {
    const { ListBucketResult } = v.parse(ListingSchema, parser.parse(textOf(xml)));
    const { IsTruncated, NextContinuationToken, Contents } = ListBucketResult;
    if (IsTruncated !== "true") return { objects: Contents, next: undefined };
    if (NextContinuationToken) return { objects: Contents, next: NextContinuationToken };
  } catch (cause) {
    throw new PublishError(`${bucket} did not answer with a listing of objects: ${excerpt(xml)}`, { cause });
  }
  throw new PublishError(`${bucket} truncated its listing without a continuation token`);
}

/** The server's code and message, or else the beginning of its reply. */
export function readRefusal(body: Uint8Array): { readonly code?: string; readonly message: string } {
  try {
    const { Code, Message } = v.parse(RefusalSchema, parser.parse(textOf(body))).Error;
    return { code: Code, message: inOneLine(Message ? `${Code}: ${Message}` : Code) };
  } catch {
    return { message: excerpt(body) || "no reason given" };
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
