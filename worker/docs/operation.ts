// What an entry of the table of operations says.

import type * as v from "valibot";
import type { ProblemType } from "../api/problems.ts";
import type { HeaderName } from "./replies.ts";

type QuerySchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

export interface Operation {
  /** In the OpenAPI document, and the client's method. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** As Hono has it: /number/:digits. */
  readonly path: string;
  readonly summary: string;
  /** Paragraphs for people. */
  readonly description: string;
  readonly query: QuerySchema;
  /** Schema of the parts of the path, where it has some. */
  readonly pathParameters?: QuerySchema;
  readonly body?: { readonly mediaTypes: readonly string[]; readonly description: string };
  /** Of status 200. */
  readonly replies: readonly {
    readonly mediaType: string;
    readonly description: string;
    /** Of JSON. */
    readonly schema?: v.GenericSchema;
  }[];
  /** Of status 200, beside X-Request-Id and Cache-Control; with ETag there is a 304. */
  readonly headers: readonly HeaderName[];
  /** Beside those that every route has. */
  readonly problems: readonly ProblemType[];
  /** Addresses that work with the bundled models, and what they show. */
  readonly examples: readonly { readonly address: string; readonly caption: string }[];
}
