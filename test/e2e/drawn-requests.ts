// Requests drawn at random from the OpenAPI document alone: in range, at the edges, out of range, and garbage. A route
// that the document describes is tried without a line about it here.

import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { encode } from "fast-png";

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: object };
  readonly "x-examples"?: readonly { readonly address: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

interface Parameter {
  readonly name: string;
  readonly in: "query" | "path";
  readonly required: boolean;
  readonly schema: Schema;
}

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
  readonly examples?: readonly (string | number | boolean)[];
}

export interface DrawnRequest {
  /** Of the operation, see operationsOf. */
  readonly id: string;
  readonly method: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** Status of the reply if only the body can be wrong; undefined without a body, or if it cannot be predicted. */
  readonly bodyStatus: number | undefined;
  /** Parameters that the document refuses: unknown, missing, repeated or out of range. */
  readonly refused: readonly string[];
  /** Given ones whose rules a pattern may say in part only: numbers in a list, say, each of a range. */
  readonly partlyDescribed: readonly string[];
}

/** Percent-encoded already where it is broken on purpose. */
interface Part {
  readonly name: string;
  readonly text: string;
  readonly isRaw?: boolean;
}

const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 6 });
const GARBAGE = [
  "",
  " ",
  "-1",
  "1.5",
  "08",
  "1e2",
  "NaN",
  "null",
  "'",
  "<b>",
  "../x",
  "\u0000",
  "٣",
  "x".repeat(300),
];
const BROKEN = ["%ff", "%E0%A4", "%"];

export function operationsOf(document: Document): ReadonlyMap<string, Operation> {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  return new Map(operations.map((operation) => [operation.operationId, operation]));
}

/** Any request to any operation. */
export function drawRequest(document: Document): fc.Arbitrary<DrawnRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      weight: 6 + (operation.parameters?.length ?? 0),
      arbitrary: drawFor(path, method.toUpperCase(), operation),
    })),
  );
  return fc.oneof(...operations);
}

function drawFor(path: string, method: string, operation: Operation): fc.Arbitrary<DrawnRequest> {
  const parameters = operation.parameters ?? [];
  const good = fc.tuple(...parameters.map((parameter) => maybe(parameter, inRange(parameter.schema))));
  const oneBad =
    parameters.length === 0
      ? good
      : fc
          .tuple(good, fc.nat(parameters.length - 1))
          .chain(([parts, at]) =>
            outOfRange(parameters[at]!).map((bad) => parts.map((part, i) => (i === at ? bad : part))),
          );
  const wild = fc.tuple(
    ...parameters.map((parameter) =>
      fc.oneof(
        maybe(parameter, inRange(parameter.schema)),
        outOfRange(parameter),
        // Left out, though it may be required; no path is without its parts.
        parameter.in === "path" ? outOfRange(parameter) : fc.constant<Part[]>([]),
      ),
    ),
  );
  const documented = (operation["x-examples"] ?? []).map(({ address }) => [partsOf(path, address)]);
  const noise = fc.oneof(
    { weight: 12, arbitrary: fc.constant<Part[]>([]) },
    { weight: 1, arbitrary: fc.constant<Part[]>([{ name: "sede", text: "1" }]) },
    { weight: 1, arbitrary: fc.constant<Part[]>([{ name: "__proto__", text: "1" }]) },
  );
  return fc
    .record({
      parts: fc.oneof(
        { weight: 5, arbitrary: good },
        ...(documented.length > 0 ? [{ weight: 6, arbitrary: fc.constantFrom(...documented) }] : []),
        { weight: 3, arbitrary: oneBad },
        { weight: 1, arbitrary: wild },
      ),
      noise,
      method: method === "GET" ? fc.constantFrom("GET", "GET", "GET", "HEAD") : fc.constant(method),
      headers: fc.constantFrom<Record<string, string>[]>(
        {},
        {},
        {},
        { "If-None-Match": "*" },
        { Accept: "x/y" },
      ),
      body: operation.requestBody
        ? drawBody(Object.keys(operation.requestBody.content))
        : fc.constant(undefined),
    })
    .map(({ parts, noise: extra, method: drawn, headers, body }) => {
      const all = [...parts.flat(), ...extra];
      return {
        id: operation.operationId,
        method: drawn,
        address: addressOf(path, parameters, all),
        headers: { ...headers, ...body?.headers },
        body: body?.bytes,
        bodyStatus: body?.status,
        refused: refusedBy(parameters, all),
        partlyDescribed: parameters
          .filter((parameter) => parameter.schema.pattern && all.some((part) => part.name === parameter.name))
          .map((parameter) => parameter.name),
      };
    });
}

/** Left out or not; where it is required it is there. */
function maybe({ name, required }: Parameter, texts: fc.Arbitrary<string>): fc.Arbitrary<Part[]> {
  const given = texts.map((text) => [{ name, text }]);
  return required
    ? given
    : fc.oneof({ weight: 3, arbitrary: fc.constant<Part[]>([]) }, { weight: 2, arbitrary: given });
}

function inRange(schema: Schema): fc.Arbitrary<string> {
  const own = byType(schema);
  const examples = schema.examples ?? [];
  if (examples.length === 0) return own;
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...examples.map(String)) },
    { weight: 1, arbitrary: own },
  );
}

function byType(schema: Schema): fc.Arbitrary<string> {
  const { anyOf, enum: choices, type, minimum = -1e6, maximum = 1e6, multipleOf } = schema;
  if (anyOf) return fc.oneof(...anyOf.map(inRange));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (choices) return fc.constantFrom(...choices);
  if (type === "boolean") return fc.constantFrom("true", "false");
  if (type === "integer") {
    return fc
      .oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum))
      .map(String);
  }
  if (type === "number") {
    const step = multipleOf ?? 0.01;
    return fc
      .integer({ min: Math.ceil(minimum / step), max: Math.floor(maximum / step) })
      .map((n) => String(Number((n * step).toFixed(6))));
  }
  if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern));
  return fc.string({ unit: "binary", minLength: schema.minLength ?? 0, maxLength: schema.maxLength ?? 200 });
}

function outOfRange({ name, in: place, schema }: Parameter): fc.Arbitrary<Part[]> {
  const { minimum, maximum, maxLength } = schema;
  const beyond = [
    ...(minimum === undefined ? [] : [String(minimum - 1)]),
    ...(maximum === undefined ? [] : [String(maximum + 1), "999999999"]),
    ...(maxLength === undefined ? [] : ["é".repeat(maxLength + 1)]),
  ];
  const texts = [...beyond, ...GARBAGE].filter((text) => place === "query" || !["", "../x"].includes(text));
  const bad = fc.constantFrom(...texts).map((text): Part[] => [{ name, text }]);
  if (place === "path") return bad;
  const raw = fc.constantFrom(...BROKEN).map((text): Part[] => [{ name, text, isRaw: true }]);
  const twice = inRange(schema).map((text): Part[] => [
    { name, text },
    { name, text },
  ]);
  return fc.oneof(
    { weight: 6, arbitrary: bad },
    { weight: 1, arbitrary: raw },
    { weight: 1, arbitrary: twice },
  );
}

interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
  /** What the reply is when nothing else is wrong; undefined where it may be read or not. */
  readonly status: number | undefined;
}

/** Pictures of every colour type, nothing, garbage, too much, and bodies of types that are not read. */
function drawBody(mediaTypes: readonly string[]): fc.Arbitrary<Body> {
  const picture = fc
    .record({
      side: fc.integer({ min: 20, max: 200 }),
      stroke: fc.constantFrom(0.1, 0.2),
      channels: fc.constantFrom<(1 | 2 | 3 | 4)[]>(1, 2, 3, 4),
      depth: fc.constantFrom<(8 | 16)[]>(8, 16),
      isDark: fc.boolean(),
    })
    .map(({ side, stroke, channels, depth, isDark }) => pictureOfBar(side, stroke, channels, depth, isDark));
  const of = (status: number | undefined, arbitrary: fc.Arbitrary<Uint8Array<ArrayBuffer>>) =>
    arbitrary.map((bytes) => ({ bytes, status }));
  const turned = fc
    .tuple(picture, fc.nat(), fc.nat(7))
    .map(([png, at, bit]) => png.map((byte, i) => (i === at % png.length ? byte ^ (1 << bit) : byte)));
  const body = fc.oneof(
    { weight: 8, arbitrary: of(200, picture) },
    { weight: 1, arbitrary: of(422, fc.constant(EMPTY_PICTURE)) },
    { weight: 1, arbitrary: of(422, fc.constant(new Uint8Array(0))) },
    {
      weight: 1,
      arbitrary: of(
        422,
        fc.uint8Array({ minLength: 1, maxLength: 200 }).map((b) => new Uint8Array(b)),
      ),
    },
    {
      weight: 1,
      arbitrary: of(
        422,
        picture.map((png) => png.slice(0, png.length / 2)),
      ),
    },
    { weight: 1, arbitrary: of(undefined, turned) },
    { weight: 1, arbitrary: of(413, fc.constant(new Uint8Array(4_000_000))) },
  );
  const type = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...mediaTypes) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("text/plain", "image/jpeg", "multipart/form-data; boundary=x", ""),
    },
  );
  return fc.tuple(body, type).map(([{ bytes, status }, mediaType]) => ({
    bytes,
    headers: { "Content-Type": mediaType },
    status: mediaTypes.includes(mediaType) ? status : 415,
  }));
}

/** An upright bar: what a one looks like. */
function pictureOfBar(
  side: number,
  stroke: number,
  channels: 1 | 2 | 3 | 4,
  depth: 8 | 16,
  isDark: boolean,
): Uint8Array<ArrayBuffer> {
  const full = 2 ** depth - 1;
  const samples = Array.from({ length: side * side * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [x, y] = [(pixel % side) / side, Math.floor(pixel / side) / side];
    const isInk = Math.abs(x - 0.4) < stroke / 2 + 1 / side && y > 0.2 && y < 0.8;
    const isAlpha = channels % 2 === 0 && i % channels === channels - 1;
    return isAlpha || isInk !== isDark ? full : 0;
  });
  const data = depth === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
  return new Uint8Array(encode({ width: side, height: side, data, channels, depth }));
}

const EMPTY_PICTURE = new Uint8Array(
  encode({ width: 40, height: 40, data: new Uint8Array(1600).fill(255), channels: 1 }),
);

function addressOf(path: string, parameters: readonly Parameter[], parts: readonly Part[]): string {
  const places = new Map(parameters.map((parameter) => [parameter.name, parameter.in]));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parts.find((part) => part.name === name)!.text),
  );
  const query = parts
    .filter(({ name }) => places.get(name) !== "path")
    .map(({ name, text, isRaw }) => `${name}=${isRaw ? text : encodeURIComponent(text)}`);
  return query.length > 0 ? `${filled}?${query.join("&")}` : filled;
}

/** The parameters of a documented example. */
function partsOf(path: string, address: string): Part[] {
  const { pathname, searchParams } = new URL(address, "http://example");
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const texts = pathname.match(new RegExp(`^${path.replace(/\{\w+\}/g, "([^/]+)")}$`))!.slice(1);
  return [
    ...names.map((name, i) => ({ name, text: decodeURIComponent(texts[i]!) })),
    ...[...searchParams].map(([name, text]) => ({ name, text })),
  ];
}

function refusedBy(parameters: readonly Parameter[], parts: readonly Part[]): string[] {
  const names = new Set([...parameters, ...parts].map(({ name }) => name));
  return [...names].filter((name) => {
    const parameter = parameters.find((known) => known.name === name);
    const given = parts.filter((part) => part.name === name);
    if (!parameter || given.length > 1) return given.length > 0;
    if (given.length === 0) return parameter.required;
    const { text, isRaw } = given[0]!;
    // A lone % is read as itself (URL Standard, percent-decode), bytes that are not UTF-8 are refused.
    if (isRaw && text !== "%") return true;
    return !ajv.validate(parameter.schema, typedValue(text, parameter.schema));
  });
}

/** What a text of an address is by its schema's type. */
function typedValue(text: string, { type }: Schema): string | number | boolean {
  if (type === "boolean" && ["true", "false"].includes(text)) return text === "true";
  const isNumeric = type === "integer" || type === "number";
  // Numbers stand in an address in one way: no 08, 1e2 or +1.
  return isNumeric && String(Number(text)) === text && text !== "NaN" ? Number(text) : text;
}

/** The document with the models and versions that this server has among the examples, where they may stand. */
export function withVersions<Of extends Document>(
  document: Of,
  models: readonly { readonly name: string; readonly stable: string }[],
): Of {
  const copy = structuredClone(document);
  for (const { name, schema } of Object.values(copy.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ parameters = [] }) => parameters)) {
    const examples = (schema.examples ?? []).map(String);
    // One example alone is of the only kind of model that the route takes.
    const suited = models.filter((model) => examples.length > 1 || examples.includes(model.name));
    const own: Record<string, string[]> = {
      model: suited.flatMap((model) => [model.name, `${model.name}@${model.stable}`]),
      version: models.map(({ stable }) => stable),
    };
    if (own[name]) (schema as { examples?: readonly string[] }).examples = own[name];
  }
  return copy;
}
