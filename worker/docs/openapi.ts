// The OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), from the table of operations and the schemas that
// validate. Made by scripts/build.ts; not part of the Worker.

import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { ProblemType } from "../api/problems.ts";
import { CONTENT_TYPES } from "../api/reply.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { PROBLEM_TYPES } from "./problem-types.ts";
import { HEADERS, type HeaderName } from "./replies.ts";

type JsonObject = { readonly [key: string]: unknown };

export type Description = ReturnType<typeof describeApi>;
export type DescribedOperation = ReturnType<typeof describeOperation>;
export type DescribedParameter = ReturnType<typeof describe>;

export interface DescribedReply {
  readonly description: string;
  readonly headers: JsonObject;
  readonly content?: Readonly<
    Record<string, { readonly schema?: JsonObject; readonly "x-description"?: string }>
  >;
}

/** Responses that every route may give. */
const COMMON_PROBLEMS: readonly ProblemType[] = [
  "invalid-parameter",
  "rate-limited",
  "internal",
  "bucket-unavailable",
  "missing-object",
  "damaged-release",
  "unsupported-release",
];

const DESCRIPTION = `Handwritten digits from variational autoencoders, drawn at the edge.

**Pinned addresses.** With a \`seed\` and \`model=name@version\` an address always gives the same bytes, unless the version is withdrawn, and its replies are \`immutable\`. A bare name follows the newest stable version; such a reply is kept for a minute and has its pinned address in \`Link: rel="canonical"\`.

**Strict.** An unknown, repeated or out-of-range parameter is refused by name. Failures are problem details (RFC 9457); the address in \`type\` explains each.

**Everywhere.** CORS is open: any site may fetch every reply. HEAD works on every route that has GET, OPTIONS on all (static pages take GET and HEAD); other addresses answer 404, other methods 405 with \`Allow\`.`;

/**
 * The document as it is published: parameters and replies that operations share are components.
 * @param version  of the software
 */
export function makeOpenApi(version: string): JsonObject {
  const { paths, components, ...rest } = describeApi(version);
  const shared = { parameters: {}, responses: {} } as Record<string, Record<string, unknown>>;
  const refer = (kind: "parameters" | "responses", name: string, part: unknown, id: string) => {
    const parts = shared[kind]!;
    const same = Object.keys(parts).find((key) => JSON.stringify(parts[key]) === JSON.stringify(part));
    // One that differs from the first of its name is named after the operation too.
    const key = same ?? (name in parts ? `${id}.${name}` : name);
    parts[key] = part;
    return { $ref: `#/components/${kind}/${key}` };
  };
  const share = ({ parameters, responses, ...operation }: DescribedOperation) => ({
    ...operation,
    ...(parameters && {
      parameters: parameters.map((part) => refer("parameters", part.name, part, operation.operationId)),
    }),
    responses: mapValues(responses, (reply, status) =>
      status === "200" ? reply : refer("responses", status, reply, operation.operationId),
    ),
  });
  return {
    ...rest,
    paths: mapValues(paths, (methods) => mapValues(methods, share)),
    components: { ...components, ...shared },
  };
}

function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

/** The document with all references resolved, for its readers in this repository. */
export function describeApi(version: string) {
  const paths: Record<string, Record<string, DescribedOperation>> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(operation) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Edge Digits",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      headers: mapValues(HEADERS, (header) => ({ ...header, schema: { type: "string" } })),
    },
  };
}

function describeOperation(operation: Operation) {
  const { id, summary, description, query, pathParameters, body, replies, headers, examples } = operation;
  const parameters = [
    ...Object.entries(pathParameters?.entries ?? {}).map((entry) => describe("path", entry)),
    ...Object.entries(query.entries).map((entry) => describe("query", entry)),
  ];
  const content = Object.entries(replies).map(([kind, reply]) => ({
    mediaType: CONTENT_TYPES[kind as keyof typeof replies],
    ...(typeof reply === "string" ? { description: reply, schema: undefined } : reply),
  }));
  const responses: Record<string, DescribedReply> = {
    200: {
      description: content.map((reply) => reply.description).join(" Or: "),
      headers: headerReferences(["Cache-Control", "X-Request-Id", ...headers]),
      content: Object.fromEntries(
        content.map(({ mediaType, description, schema }) => [
          mediaType,
          { ...(schema && { schema: jsonSchema(schema) }), "x-description": description },
        ]),
      ),
    },
    ...(operation.hasRanges && {
      206: {
        description: "The bytes of the Range header.",
        headers: headerReferences(["Cache-Control", "Content-Range", "X-Request-Id", ...headers]),
        content: { [CONTENT_TYPES.bin]: {}, [CONTENT_TYPES.json]: {} },
      },
    }),
    ...(headers.includes("ETag") && {
      304: {
        description: "The client has these bytes.",
        headers: headerReferences(["Cache-Control", "ETag", "X-Request-Id"]),
      },
    }),
    ...problemReplies([
      ...COMMON_PROBLEMS,
      ...operation.problems,
      ...(operation.hasRanges ? (["range-not-satisfiable"] as const) : []),
    ]),
  };
  return {
    operationId: id,
    summary,
    description,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, description: body.description, content: { [body.mediaType]: {} } },
    }),
    responses,
    "x-examples": Object.entries(examples).map(([address, caption]) => ({ address, caption })),
  };
}

/** What a parameter's schema says of it, see `parameter` of values.ts. */
interface Meaning {
  readonly description: string;
  readonly examples?: readonly (string | number | boolean)[];
  /** JSON Schema keywords for what is checked by code. */
  readonly limits?: JsonObject;
}

function meaningOf(schema: v.GenericSchema): Meaning {
  const inner = "wrapped" in schema ? meaningOf(schema.wrapped as v.GenericSchema) : {};
  return { ...inner, ...v.getMetadata(schema) } as Meaning;
}

function describe(place: "path" | "query", [name, entry]: [string, unknown]) {
  const schema = entry as v.GenericSchema;
  const { description, examples, limits } = meaningOf(schema);
  const { default: _, description: __, examples: ___, limits: ____, ...types } = parameterSchema(schema);
  // The schema applied to undefined: it has a default, is optional, or is required.
  const absent = v.safeParse(schema, undefined);
  const isPlain = ["string", "number", "boolean"].includes(typeof absent.output);
  const fallback = absent.success && isPlain ? absent.output : v.getDefault(schema);
  const described: JsonObject = {
    ...types,
    ...limits,
    ...(fallback !== undefined && { default: fallback }),
    ...(examples && { examples }),
  };
  return {
    name,
    in: place,
    description,
    required: !absent.success,
    schema: described,
    ...(examples && { example: examples[0] }),
  };
}

/** A parameter is text: numbers are described as numbers, everything else as it is written. */
function parameterSchema(schema: v.GenericSchema): JsonObject {
  const output = jsonSchema(schema, "output");
  if (output.type === "integer" || output.type === "number") return output;
  const input = jsonSchema(schema, "input");
  const isFlag = String((input.enum as string[] | undefined)?.toSorted()) === "false,true";
  return isFlag ? { type: "boolean" } : input;
}

function jsonSchema(schema: v.GenericSchema, typeMode: "input" | "output" = "output"): JsonObject {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: "draft-2020-12",
    // Rules that only code can check are described by `limits`.
    errorMode: "ignore",
    typeMode,
  });
  return rest;
}

/** One reply per status, which may be of several types. */
function problemReplies(types: readonly ProblemType[]): Record<string, DescribedReply> {
  const known = PROBLEM_TYPES.filter(({ type }) => types.includes(type));
  const replies = [...new Set(known.map(({ status }) => status))].map((status) => {
    const own = known.filter((problem) => problem.status === status);
    const retry: readonly HeaderName[] = status === 429 || status === 503 ? ["Retry-After"] : [];
    const schema = {
      allOf: [
        { $ref: "#/components/schemas/Problem" },
        { properties: { type: { enum: own.map(({ type }) => `/problems/${type}`) } } },
      ],
    };
    const reply = {
      description: own.map(({ meaning }) => meaning).join(" Or: "),
      headers: headerReferences(["X-Request-Id", ...retry]),
      content: { "application/problem+json": { schema } },
    };
    return [status, reply];
  });
  return Object.fromEntries(replies);
}

const PROBLEM_SCHEMA: JsonObject = {
  type: "object",
  description: "Problem details, RFC 9457.",
  required: ["type", "title", "status"],
  properties: {
    type: {
      enum: PROBLEM_TYPES.map(({ type }) => `/problems/${type}`),
      description: "Address of its explanation.",
    },
    title: { type: "string" },
    status: { enum: [...new Set(PROBLEM_TYPES.map(({ status }) => status))] },
    detail: { type: "string", description: "What was found, what is allowed, what to do." },
    parameter: { type: "string", description: "The parameter at fault." },
    requestId: { type: "string", description: "Names this request in the server's log." },
  },
  additionalProperties: false,
};

function headerReferences(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
