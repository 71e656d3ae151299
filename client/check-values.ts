// Refuses values that the service would refuse, by its OpenAPI document, of which "npm run build" makes
// client-operations.json.

import contract from "../build/client-operations.json" with { type: "json" };

/** A parameter's JSON Schema, as far as the document uses it. */
interface Schema {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface Operation {
  readonly method: string;
  /** With {name} in place of a parameter. */
  readonly path: string;
  readonly kind: string;
  readonly parameters: Readonly<Record<string, { readonly schema: Schema; readonly required: boolean }>>;
}

export const OPERATIONS: Readonly<Record<string, Operation>> = contract;

export interface Refusal {
  readonly parameter: string;
  readonly detail: string;
}

/** Longer values are truncated in messages. */
const MAX_QUOTED = 160;
const NUMBER = /^-?\d+(\.\d+)?$/;
/** Lone surrogates, or the replacement character. */
const BROKEN_TEXT = /\p{Surrogate}|\ufffd/u;

/** The first invalid parameter; undefined if the service may accept all. */
export function findRefusal(
  operation: string,
  values: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  const known = OPERATIONS[operation]!.parameters;
  for (const [parameter, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(known, parameter)) {
      const names = Object.keys(known).join(", ") || "none";
      return { parameter, detail: `unknown parameter "${quote(parameter)}"; the parameters are ${names}` };
    }
    const { schema, required } = known[parameter]!;
    const isText = ["string", "number", "boolean", "bigint"].includes(typeof value);
    const text = isText ? String(value) : undefined;
    const expected = whyNot(schema, text, required);
    if (expected !== undefined) {
      const found = quote(JSON.stringify(text ?? value, withBigints) ?? typeof value);
      return { parameter, detail: `parameter "${parameter}": expected ${expected}, found ${found}` };
    }
  }
  for (const [parameter, { required }] of Object.entries(known)) {
    if (required && values[parameter] === undefined) {
      return { parameter, detail: `parameter "${parameter}" is missing` };
    }
  }
  return undefined;
}

/** What would be allowed in the place of a value; undefined if it is allowed itself. */
function whyNot(schema: Schema, text: string | undefined, isStep: boolean): string | undefined {
  if (text === undefined || !allows(schema, text)) return describe(schema);
  if (BROKEN_TEXT.test(text)) return "whole characters";
  // URLs normalize these two away.
  return isStep && (text === "." || text === "..") ? 'other text than "." or ".."' : undefined;
}

function allows(schema: Schema, text: string): boolean {
  const { type, minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity } = schema;
  if (schema.anyOf) return schema.anyOf.some((option) => allows(option, text));
  if (schema.const !== undefined) return text === schema.const;
  if (schema.enum) return schema.enum.includes(text);
  if (type === "boolean") return text === "true" || text === "false";
  if (type === "integer" || type === "number") {
    const value = Number(text);
    const decimals = text.split(".")[1]?.length ?? 0;
    return NUMBER.test(text) && value >= minimum && value <= maximum && decimals <= decimalsOf(schema);
  }
  const { length } = [...text];
  const matches = schema.pattern === undefined || new RegExp(schema.pattern).test(text);
  return matches && length >= minLength && length <= maxLength;
}

function decimalsOf({ type, multipleOf }: Schema): number {
  if (type === "integer") return 0;
  return multipleOf === undefined ? Infinity : (String(multipleOf).split(".")[1]?.length ?? 0);
}

function describe(schema: Schema): string {
  const { type, minimum, maximum, minLength, maxLength, pattern } = schema;
  if (schema.anyOf) return schema.anyOf.map(describe).join(" or ");
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum.join(", ");
  if (type === "boolean") return "true or false";
  if (type === "integer") return `a whole number from ${minimum} to ${maximum}`;
  if (type === "number") {
    return `a number from ${minimum} to ${maximum} with at most ${decimalsOf(schema)} decimals`;
  }
  return pattern === undefined ? `${minLength} to ${maxLength} characters` : `text that matches ${pattern}`;
}

function withBigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function quote(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
}
