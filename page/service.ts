// The page's side of the HTTP API: the typed client, and why a request failed, for people.

import { createClient } from "../client/client.ts";
import type { ProblemBody } from "../client/problem-error.ts";

/** Stands for the server's origin, which the page does not know when it is built. */
const ANY_ORIGIN = "https://origin.invalid";

/** Requests and addresses without an origin: the server is the one that the page came from. */
export const service = createClient(ANY_ORIGIN, { fetch: (url, init) => request(withoutOrigin(url), init) });

/** The address as used in `src`, `href` and snippets that add an origin. */
export function withoutOrigin(url: string): string {
  return url.slice(ANY_ORIGIN.length);
}

/** Why something could not be loaded. */
export interface Failure {
  readonly kind: "offline" | "unreachable" | "busy" | "server" | "refused" | "page";
  /** The server's own words, or the browser's. */
  readonly detail?: string;
}

/** A response with an error status. */
class ReplyError extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** @throws TypeError without a connection; ReplyError when the answer is a failure */
export async function request(address: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(address, init);
  if (response.ok) return response;
  const isExplained = response.headers.get("Content-Type") === "application/problem+json";
  const { detail, title } = isExplained
    ? ((await response.json()) as ProblemBody)
    : { title: `HTTP ${response.status}` };
  throw new ReplyError(response.status, detail ?? title);
}

/** What an error of `request`, or of the page itself, means. */
export function failureOf(error: unknown): Failure {
  // fetch rejects with a TypeError if there is no response (Fetch Standard, 5.6).
  if (error instanceof TypeError && /fetch|network|load/i.test(error.message)) {
    return { kind: navigator.onLine ? "unreachable" : "offline" };
  }
  const detail = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ReplyError)) return { kind: "page", detail };
  if (error.status === 429) return { kind: "busy" };
  return { kind: error.status >= 500 ? "server" : "refused", detail };
}
