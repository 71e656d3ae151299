// The OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), from the table of operations and the schemas that
// validate. Made by scripts/build.ts; no part of the Worker.

import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { ProblemType } from "../api/problems.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { PROBLEM_DOCS, PROBLEM_TYPES } from "./problem-types.ts";
import { HEADERS, type HeaderName } from "./replies.ts";

export type JsonObject = { readonly [key: string]: unknown };

const PROBLEM_MEDIA_TYPE = "application/problem+json";
/** What every route may answer. */
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

**Everywhere.** Every reply can be read from every origin. HEAD works on every route that has GET, OPTIONS on all (static pages take GET and HEAD); other addresses answer 404, other methods 405 with \`Allow\`.`;

/**
 * The document as it is published: parameters and replies that operations share are components.
 * @param version  of the software
 */
export function makeOpenApi(version: string): JsonObject {
  const { paths, components, ...rest } = describeApi(version);
  const parameters: Record<string, unknown> = {};
  const responses: Record<string, unknown> = {};
  const refer = (kind: string, parts: Record<string, unknown>, name: string, part: unknown, id: string) => {
    const same = Object.keys(parts).find((key) => JSON.stringify(parts[key]) === JSON.stringify(part));
    // What differs from the first of its name goes by the operation too.
    const key = same ?? (name in parts ? `${id}.${name}` : name);
    parts[key] = part;
    return { $ref: `#/components/${kind}/${key}` };
  };
  const share = ({ operationId: id, ...operation }: Described) => ({
    operationId: id,
    ...operation,
    ...(operation.parameters && {
      parameters: operation.parameters.map((part) => refer("parameters", parameters, part.name, part, id)),
    }),
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, reply]) => [
        status,
        status === "200" ? reply : refer("responses", responses, status, reply, id),
      ]),
    ),
  });
  return {
    ...rest,
    paths: mapValues(paths, (methods) => mapValues(methods, share)),
    components: { ...components, parameters, responses },
  };
}

interface Described extends JsonObject {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: JsonObject;
}

interface Description extends JsonObject {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: JsonObject;
}

function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

/** The document with everything where it is used, for its readers in this repository. */
export function describeApi(version: string): Description {
  const paths: Record<string, Record<string, Described>> = {};
  for (const operation of OPERATIONS as readonly Operation[]) {
    const path = operation.path.replace(/:(\w+)(\{.*?\})?/g, "{$1}");
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
      headers: Object.fromEntries(
        Object.entries(HEADERS).map(([name, header]) => [name, { ...header, schema: { type: "string" } }]),
      ),
    },
  };
}

function describeOperation(operation: Operation): Described {
  const { id, summary, description, query, pathParameters, body, replies, headers, examples } = operation;
  const parameters = [
    ...Object.entries(pathParameters?.entries ?? {}).map((entry) => describe("path", entry)),
    ...Object.entries(query.entries).map((entry) => describe("query", entry)),
  ];
  return {
    operationId: id,
    summary,
    description,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        description: body.description,
        content: Object.fromEntries(body.mediaTypes.map((mediaType) => [mediaType, {}])),
      },
    }),
    responses: {
      200: {
        description: replies.map((reply) => reply.description).join(" Or: "),
        headers: headerReferences(["Cache-Control", "X-Request-Id", ...headers]),
        content: Object.fromEntries(
          replies.map((reply) => [
            reply.mediaType,
            {
              ...(reply.schema && { schema: jsonSchema(reply.schema) }),
              "x-description": reply.description,
            },
          ]),
        ),
      },
      ...(headers.includes("ETag") && {
        304: {
          description: "The client has these bytes.",
          headers: headerReferences(["Cache-Control", "ETag", "X-Request-Id"]),
        },
      }),
      ...problemReplies([...COMMON_PROBLEMS, ...operation.problems]),
    },
    "x-examples": examples,
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

function describe(place: "path" | "query", [name, entry]: readonly [string, unknown]) {
  const schema = entry as v.GenericSchema;
  const { description, examples = [], limits } = meaningOf(schema);
  const { default: _, description: __, examples: ___, limits: ____, ...types } = parameterSchema(schema);
  // What the schema makes of nothing: it has a default, it is optional, or it is required.
  const absent = v.safeParse(schema, undefined);
  const fallback = absent.success && isPlain(absent.output) ? absent.output : v.getDefault(schema);
  return {
    name,
    in: place,
    description,
    required: !absent.success,
    schema: {
      ...types,
      ...limits,
      ...(fallback !== undefined && { default: fallback }),
      ...(examples.length > 0 && { examples }),
    },
    ...(examples.length > 0 && { example: examples[0] }),
  };
}

/** A parameter is text: numbers are described as what they become, all else as what is written. */
function parameterSchema(schema: v.GenericSchema): JsonObject {
  const options = { target: "draft-2020-12", errorMode: "ignore" } as const;
  const { $schema: _, ...output } = toJsonSchema(schema, { ...options, typeMode: "output" }) as JsonObject;
  if (output.type === "integer" || output.type === "number") return output;
  const { $schema: __, ...input } = toJsonSchema(schema, { ...options, typeMode: "input" }) as JsonObject;
  const isFlag = String((input.enum as string[] | undefined)?.toSorted()) === "false,true";
  return isFlag ? { type: "boolean" } : input;
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function jsonSchema(schema: v.GenericSchema): JsonObject {
  const { $schema: _, ...rest } = toJsonSchema(schema, { target: "draft-2020-12", typeMode: "output" });
  return rest;
}

/** One reply per status, which may be of several types. */
function problemReplies(types: readonly ProblemType[]): JsonObject {
  const known = PROBLEM_TYPES.filter(({ type }) => types.includes(type));
  const statuses = [...new Set(known.map(({ status }) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const own = known.filter((problem) => problem.status === status).map(({ type }) => type);
      const retry: readonly HeaderName[] = status === 429 || status === 503 ? ["Retry-After"] : [];
      return [
        status,
        {
          description: own.map((type) => PROBLEM_DOCS[type].meaning).join(" Or: "),
          headers: headerReferences(["X-Request-Id", ...retry]),
          content: {
            [PROBLEM_MEDIA_TYPE]: {
              schema: {
                allOf: [
                  { $ref: "#/components/schemas/Problem" },
                  { properties: { type: { enum: own.map((type) => `/problems/${type}`) } } },
                ],
              },
            },
          },
        },
      ];
    }),
  );
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
