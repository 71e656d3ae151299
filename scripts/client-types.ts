// The client's types, from the OpenAPI document. openapi-typescript needs the compiler API that TypeScript 7 no
// longer has, and does not know which pictures an address can pin.

import { PROBLEM_TYPES } from "../worker/docs/problem-types.ts";

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
  readonly responses: {
    readonly 200: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  };
}

/** An operation's response: a picture that an address can pin, another file, or only JSON. */
export function kindOf({ requestBody, responses }: DescribedOperation): "picture" | "file" | "document" {
  const mediaTypes = Object.keys(responses[200].content);
  if (mediaTypes.includes("application/octet-stream")) return "file";
  if (!mediaTypes.some((mediaType) => mediaType.startsWith("image/"))) return "document";
  return requestBody ? "file" : "picture";
}

/** A module of types. */
export function clientTypes(operations: readonly DescribedOperation[]): string {
  const idsOf = (test: (operation: DescribedOperation) => unknown) =>
    unionOf(operations.filter(test).map(({ operationId }) => operationId));
  const documents = operations.filter((operation) => kindOf(operation) === "document");
  const queries = operations.map(({ operationId, parameters = [] }) => {
    const properties = Object.fromEntries(
      parameters.map((parameter) => [parameter.name, schemaOf(parameter)]),
    );
    const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
    return `  ${operationId}: ${typeOf({ type: "object", properties, required })};`;
  });
  const replies = documents.map(({ operationId, responses }) => {
    return `  ${operationId}: ${typeOf(responses[200].content["application/json"]!.schema!)};`;
  });
  return `// Made from the OpenAPI document by "npm run build".

export type PictureId = ${idsOf((operation) => kindOf(operation) === "picture")};
export type FileId = ${idsOf((operation) => kindOf(operation) === "file")};
export type DocumentId = ${idsOf((operation) => kindOf(operation) === "document")};
/** Operations that take a PNG. */
export type BodyId = ${idsOf(({ requestBody }) => requestBody)};
export type ProblemType = ${unionOf(PROBLEM_TYPES.map(({ type }) => type))};

/** Parameters of each operation. */
export interface Queries {
${queries.join("\n")}
}

/** JSON that each operation answers with. */
export interface Documents {
${replies.join("\n")}
}
`;
}

/** Numbers are text in an address too, so either may be given. */
function schemaOf({ schema, description }: Parameter): Schema {
  const numbers = (schema.enum ?? []).filter((choice) => /^\d+$/.test(String(choice))).map(Number);
  return { ...schema, description, ...(schema.enum && { enum: [...schema.enum, ...numbers] }) };
}

function typeOf(schema: Schema): string {
  const { type, anyOf, items, properties = {}, required = [] } = schema;
  if (anyOf) return anyOf.map(typeOf).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return unionOf(schema.enum);
  if (type === "array") return `(${typeOf(items!)})[]`;
  if (type === "integer") return "number";
  if (type !== "object") return type!;
  const members = Object.entries(properties).map(([name, property]) => {
    const comment = property.description ? `/** ${property.description.replaceAll("*/", "* /")} */ ` : "";
    const isRequired = required.includes(name);
    return `${comment}readonly ${name}${isRequired ? "" : "?"}: ${typeOf(property)}${isRequired ? "" : " | undefined"};`;
  });
  return `{ ${members.join("\n")} }`;
}

function unionOf(choices: readonly unknown[]): string {
  return choices.map((choice) => JSON.stringify(choice)).join(" | ");
}
