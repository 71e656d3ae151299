// JSON documents that lie in a bucket, read by their schemas.

import * as v from "valibot";
import { SchemaError, UnsupportedReleaseError } from "./errors.ts";

/**
 * Reads a JSON document by its schema.
 * @param newest  number of the latest schema that is read, where the document has a number
 * @param check  of what is there before the schema is, such as that this version knows its kind
 * @throws SchemaError, UnsupportedReleaseError; what `check` throws
 */
export function parseDocument<Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
  what: string,
  newest?: number,
  check: (value: Readonly<Record<string, unknown>>) => void = () => {},
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new SchemaError(`${what} is not JSON`, { cause });
  }
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (newest !== undefined && typeof fields.schema === "number" && fields.schema > newest) {
    throw new UnsupportedReleaseError(
      `${what} has schema ${fields.schema}; this version reads up to ${newest}`,
    );
  }
  check(fields);
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new SchemaError(`${what}: ${v.getDotPath(issue) ?? "document"}: ${issue.message}`);
}
