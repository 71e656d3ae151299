// Query strings and paths by the schemas of the operations. Strict: an unknown, repeated or out-of-range parameter is
// refused by name.

import { closestMatch } from "leven";
import * as v from "valibot";
import { InvalidParameterError, quote } from "./problems.ts";

/** Longer names are not typos, and comparing them takes time in proportion to their length. */
const MAX_NAME_LENGTH = 32;

const NOT_UTF_8 = "is not UTF-8, or holds the character U+FFFD";

export type QuerySchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** A checked query string. */
interface ParsedQuery<Schema extends QuerySchema> {
  /** Includes defaults. */
  readonly query: v.InferOutput<Schema>;
  /** Names of the parameters in the request. */
  readonly given: ReadonlySet<string>;
}

/**
 * Parses the query string of a request.
 * @throws InvalidParameterError naming the first invalid parameter
 */
export function parseQuery<Schema extends QuerySchema>(schema: Schema, url: string): ParsedQuery<Schema> {
  const start = url.indexOf("?");
  const found = start < 0 ? [] : [...new URLSearchParams(url.slice(start + 1))];
  const known = Object.keys(schema.entries);
  const given = new Set<string>();
  const values: Record<string, string | string[]> = {};
  for (const [name, value] of found) {
    if (!known.includes(name)) throw new InvalidParameterError(name, unknownParameter(name, known));
    // URLSearchParams replaces bytes that are not UTF-8 by U+FFFD, so many addresses would draw the same digit.
    if (value.includes("\ufffd")) {
      throw new InvalidParameterError(name, `parameter "${name}" ${NOT_UTF_8}`);
    }
    if (isList(schema.entries[name]!)) values[name] = [...(values[name] ?? []), value];
    else if (given.has(name)) {
      throw new InvalidParameterError(name, `parameter "${name}" is given more than once`);
    } else values[name] = value;
    given.add(name);
  }
  return { query: validate(schema, values, "parameter"), given };
}

/**
 * Parses the parameters of a path.
 * @param found  decoded; bytes that are not UTF-8 stay percent-encoded, as if their text had been sent
 * @throws InvalidParameterError
 */
export function parsePath<Schema extends QuerySchema>(
  schema: Schema,
  found: Readonly<Record<string, string>>,
  url: string,
): v.InferOutput<Schema> {
  if (String([...new URLSearchParams(url.split("?", 1)[0])]).includes("\ufffd")) {
    const [name] = Object.entries(found).find(([, text]) => /%[89A-F]|\ufffd/i.test(text))!;
    throw new InvalidParameterError(name, `path parameter "${name}" ${NOT_UTF_8}`);
  }
  return validate(schema, found, "path parameter");
}

function validate<Schema extends QuerySchema>(
  schema: Schema,
  values: Readonly<Record<string, unknown>>,
  kind: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, values);
  if (result.success) return result.output;
  const [{ message, path }] = result.issues;
  const name = String(path?.[0]?.key);
  const found = values[name];
  const problem = found === undefined ? " is missing" : `: ${message}, found "${quote(String(found))}"`;
  throw new InvalidParameterError(name, `${kind} "${name}"${problem}`);
}

/** Whether a parameter may be repeated. */
function isList(entry: v.ObjectEntries[string]): boolean {
  const { type } = "wrapped" in entry ? (entry.wrapped as v.GenericSchema) : entry;
  return type === "array";
}

/** Suggests a known name if at most half of its letters differ. */
function unknownParameter(name: string, known: readonly string[]): string {
  const allowed =
    known.length > 0 ? `the parameters are ${known.join(", ")}` : "this route has no parameters";
  const maxDistance = Math.ceil(Math.min(name.length, MAX_NAME_LENGTH) / 2);
  const nearest = name.length > MAX_NAME_LENGTH ? undefined : closestMatch(name, known, { maxDistance });
  const hint = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  return `unknown parameter "${quote(name)}"; ${hint}${allowed}`;
}

/**
 * The parameters that determine the picture, without model, picture format and defaults.
 * @param values  in canonical spelling
 * @param implied  names of parameters that make no difference for this model
 */
export function canonicalParameters(
  schema: QuerySchema,
  values: Readonly<Record<string, unknown>>,
  implied: readonly string[],
): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, entry] of Object.entries(schema.entries)) {
    if (values[name] === undefined || name === "model" || name === "picture" || implied.includes(name))
      continue;
    const text = String(values[name]);
    if (text !== v.getDefault(entry as v.GenericSchema)) parameters[name] = text;
  }
  return parameters;
}
