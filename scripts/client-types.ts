// The client's types, from the OpenAPI document: a parameter is written as the number or choice that its schema says, and
// as text where it is a pattern.

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

export interface DescribedOperation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly description: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: object;
  readonly responses: {
    readonly 200: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  };
}

/** What an operation answers with: a picture that an address can pin, a file of other bytes, or JSON alone. */
export function kindOf({ requestBody, responses }: DescribedOperation): "picture" | "file" | "document" {
  const mediaTypes = Object.keys(responses[200].content);
  if (mediaTypes.includes("application/octet-stream")) return "file";
  if (!mediaTypes.some((mediaType) => mediaType.startsWith("image/"))) return "document";
  return requestBody ? "file" : "picture";
}

/** A module of types. */
export function clientTypes(operations: readonly DescribedOperation[]): string {
  const idsOf = (test: (operation: DescribedOperation) => unknown) =>
    operations.filter(test).map(({ operationId }) => operationId);
  const documents = operations.filter((operation) => kindOf(operation) === "document");
  return `// Made from the OpenAPI document by "npm run build".

export type PictureId = ${unionOf(idsOf((operation) => kindOf(operation) === "picture"))};
export type FileId = ${unionOf(idsOf((operation) => kindOf(operation) === "file"))};
export type DocumentId = ${unionOf(idsOf((operation) => kindOf(operation) === "document"))};
/** Operations that take a PNG. */
export type BodyId = ${unionOf(idsOf(({ requestBody }) => requestBody))};
export type ProblemType = ${unionOf(PROBLEM_TYPES.map(({ type }) => type))};

/** What can be asked of an operation. */
export interface Queries {
${operations.map(({ operationId, parameters = [] }) => `  ${operationId}: ${objectOf(parameters.map((p) => ({ ...p, isWritten: true })))};`).join("\n")}
}

/** The JSON that an operation answers with. */
export interface Documents {
${documents.map(({ operationId, responses }) => `  ${operationId}: ${typeOf(responses[200].content["application/json"]!.schema!)};`).join("\n")}
}
`;
}

interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly description?: string | undefined;
  readonly schema: Schema;
  /** In an address, where numbers are text too. */
  readonly isWritten?: boolean;
}

function objectOf(members: readonly Member[]): string {
  const lines = members.map(({ name, required, description, schema, isWritten }) => {
    const comment = description ? `/** ${description.replaceAll("*/", "* /")} */ ` : "";
    const choices = isWritten ? (schema.enum ?? []).filter((choice) => /^\d+$/.test(String(choice))) : [];
    const type = [typeOf(schema), ...choices].join(" | ");
    return `${comment}readonly ${name}${required ? `: ${type}` : `?: ${type} | undefined`};`;
  });
  return `{ ${lines.join("\n")} }`;
}

function typeOf({
  type,
  const: only,
  enum: choices,
  anyOf,
  items,
  properties,
  required = [],
}: Schema): string {
  if (anyOf) return anyOf.map(typeOf).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  if (choices) return unionOf(choices);
  if (type === "array") return `(${typeOf(items!)})[]`;
  if (type === "integer") return "number";
  if (type !== "object") return type!;
  const members = Object.entries(properties!).map(([name, schema]) => ({
    name,
    required: required.includes(name),
    description: schema.description,
    schema,
  }));
  return objectOf(members);
}

function unionOf(choices: readonly unknown[]): string {
  return choices.map((choice) => JSON.stringify(choice)).join(" | ");
}
