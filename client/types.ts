// The client's types, from the table of operations and the schemas it names: a parameter is written as the number or
// choice that its schema makes of it, and as text where that is an object.

import type { InferInput, InferOutput, ObjectEntries, StrictObjectSchema } from "valibot";
import type { OPERATIONS } from "../worker/docs/operations.ts";

type Operation = (typeof OPERATIONS)[number];
type Schema = StrictObjectSchema<ObjectEntries, undefined>;

export type OperationId = Operation["id"];
export type OperationOf<Id extends OperationId> = Extract<Operation, { readonly id: Id }>;

type Written<In, Out> = [NonNullable<Out>] extends [string | number | boolean] ? Out : In;
type ParametersOf<Of extends Schema> = {
  [Name in keyof InferInput<Of>]: Written<
    InferInput<Of>[Name],
    Name extends keyof InferOutput<Of> ? InferOutput<Of>[Name] : never
  >;
};

/** What can be asked of an operation. */
export type Query<Id extends OperationId> = ParametersOf<OperationOf<Id>["query"]> &
  (OperationOf<Id> extends { readonly pathParameters: infer Path extends Schema }
    ? ParametersOf<Path>
    : unknown);

type MediaTypes<Id extends OperationId> = OperationOf<Id>["replies"][number]["mediaType"];

type WithMediaType<Type extends string> = {
  [Id in OperationId]: Extract<MediaTypes<Id>, Type> extends never ? never : Id;
}[OperationId];

/** Operations that take a body. */
export type BodyId = Extract<Operation, { readonly body: unknown }>["id"];

/** Operations that answer with a file as it was published, or with a picture of what was sent. */
export type FileId = WithMediaType<"application/octet-stream"> | (WithMediaType<`image/${string}`> & BodyId);

/** Operations that answer with a picture which an address can pin, whatever else they can answer with. */
export type PictureId = Exclude<WithMediaType<`image/${string}`>, FileId>;

export type DocumentId = Exclude<OperationId, PictureId | FileId>;

/** The JSON that an operation answers with. */
export type Document<Id extends DocumentId> = Extract<
  OperationOf<Id>["replies"][number],
  { readonly schema: unknown }
>["schema"] extends infer Of extends Parameters<typeof import("valibot").parse>[0]
  ? InferOutput<Of>
  : never;

/** What the client has to know when it runs; complete and right by type. */
export type Routes = {
  readonly [Id in OperationId]: {
    readonly method: OperationOf<Id>["method"];
    readonly path: OperationOf<Id>["path"];
    readonly gives: Id extends PictureId ? "picture" : Id extends FileId ? "file" : "document";
  };
};
