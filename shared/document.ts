// JSON documents in a bucket, parsed and checked by their schemas.

import * as v from "valibot";
import { SchemaError, UnsupportedReleaseError } from "./errors.ts";

/**
 * Reads a JSON document by its schema.
 * @param newest  latest schema number that can be read, for documents with such a number
 * @param check  runs before the schema is applied, for example to refuse what this version does not support
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
