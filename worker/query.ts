// Query strings and paths by their schemas in params.ts. Strict: an unknown, repeated or out-of-range parameter is
// refused by name.

import { closestMatch } from "leven";
import * as v from "valibot";
import { InvalidParameterError } from "./problems.ts";

/** A longer name is no slip of the pen, and comparing it would cost by its length. */
const MAX_NAME_LENGTH = 32;
/** Characters of what was found that a refusal repeats. */
const MAX_QUOTED = 160;

/**
 * Parses the query string of a request.
 * @throws InvalidParameterError naming the first parameter at fault
 */
export function parseQuery<Schema extends v.StrictObjectSchema<v.ObjectEntries, undefined>>(
  schema: Schema,
  url: string,
): v.InferOutput<Schema> {
  const start = url.indexOf("?");
  const given = start < 0 ? [] : [...new URLSearchParams(url.slice(start + 1))];
  const known = Object.keys(schema.entries);
  for (const [name, value] of given) {
    // URLSearchParams puts U+FFFD where bytes are not UTF-8, which would draw one digit for many addresses.
    if (value.includes("\ufffd")) {
      throw new InvalidParameterError(
        name,
        `parameter "${name}" is not UTF-8, or holds the character U+FFFD`,
      );
    }
    if (!known.includes(name)) throw new InvalidParameterError(name, unknownParameter(name, known));
    if (given.filter(([other]) => other === name).length > 1) {
      throw new InvalidParameterError(name, `parameter "${name}" is given more than once`);
    }
  }
  const result = v.safeParse(schema, Object.fromEntries(given));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const name = String(issue.path?.[0]?.key);
  const found = given.find(([other]) => other === name)?.[1];
  throw new InvalidParameterError(
    name,
    found === undefined
      ? `parameter "${name}" is missing`
      : `parameter "${name}": ${issue.message}, found "${shortened(found)}"`,
  );
}

function shortened(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
}

/** Which of the known names was meant, where one is near: half of the letters may differ. */
function unknownParameter(name: string, known: readonly string[]): string {
  const allowed =
    known.length > 0 ? `the parameters are ${known.join(", ")}` : "there are no parameters here";
  const maxDistance = Math.ceil(Math.min(name.length, MAX_NAME_LENGTH) / 2);
  const nearest = name.length > MAX_NAME_LENGTH ? undefined : closestMatch(name, known, { maxDistance });
  const hint = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  return `unknown parameter "${shortened(name)}"; ${hint}${allowed}`;
}

/**
 * Parses what the path of an address holds.
 * @param found  by the names of the path's parts
 * @throws InvalidParameterError
 */
export function parsePath<Schema extends v.StrictObjectSchema<v.ObjectEntries, undefined>>(
  schema: Schema,
  found: Readonly<Record<string, string>>,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, found);
  if (result.success) return result.output;
  const [{ message, path }] = result.issues;
  const name = String(path?.[0]?.key);
  throw new InvalidParameterError(
    name,
    `path parameter "${name}": ${message}, found "${shortened(found[name]!)}"`,
  );
}

/**
 * The parameters that matter to the picture, in the schema's order: defaults left out, and the model, which the pinned
 * address names by version. They are the same for every spelling of a request.
 */
export function canonicalParameters(
  schema: v.StrictObjectSchema<v.ObjectEntries, undefined>,
  values: Readonly<Record<string, unknown>>,
): [string, string][] {
  return Object.entries(schema.entries).flatMap(([name, entry]): [string, string][] => {
    const text = String(values[name]);
    const isDefault = values[name] === undefined || text === v.getDefault(entry as v.GenericSchema);
    return isDefault || name === "model" ? [] : [[name, text]];
  });
}
