// The page's side of the HTTP API: addresses by the typed client, and why a request failed, for people.

import { createClient } from "../client/client.ts";
import type { ProblemBody } from "../client/problem-error.ts";

/** Stands for the server's origin, which the page does not know when it is built. */
const ANY_ORIGIN = "https://origin.invalid";

/** Addresses and requests without an origin: the server is the one that the page came from. */
export const service = createClient(ANY_ORIGIN, {
  fetch: (url, init) => fetch(withoutOrigin(url), init),
});

/** The address as it stands in `src`, `href` and snippets that add an origin. */
export function withoutOrigin(url: string): string {
  return url.startsWith(ANY_ORIGIN) ? url.slice(ANY_ORIGIN.length) : url;
}

/** Why something could not be had. */
export type Failure =
  | { readonly kind: "offline" | "unreachable" | "busy" }
  /** @property detail  the server's own words */
  | { readonly kind: "server" | "refused"; readonly detail: string }
  /** The page itself could not do it. */
  | { readonly kind: "page"; readonly detail: string };

/**
 * Asks once more for what an <img> could not show, to learn why: an image element tells nothing.
 * @returns undefined when it works this time
 */
export async function findFailure(address: string): Promise<Failure | undefined> {
  let response: Response;
  try {
    response = await fetch(address, { cache: "no-store" });
  } catch {
    return unreachable();
  }
  return response.ok ? undefined : failureOfResponse(response);
}

/** What an error that the client or the page threw means. */
export function failureOf(error: unknown): Failure {
  // fetch rejects with a TypeError when there is no answer (Fetch Standard, 5.6).
  if (error instanceof TypeError && /fetch|network|load/i.test(error.message)) return unreachable();
  if (error instanceof Error && "status" in error) {
    return byStatus(Number(error.status), error.message);
  }
  return { kind: "page", detail: error instanceof Error ? error.message : String(error) };
}

/**
 * Bytes of an address of this server.
 * @throws TypeError without a connection; an error with `status` when the answer is a failure
 */
export async function fetchBytes(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new ReplyError(response.status, await detailOf(response));
  return new Uint8Array(await response.arrayBuffer());
}

class ReplyError extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

async function failureOfResponse(response: Response): Promise<Failure> {
  return byStatus(response.status, await detailOf(response));
}

function byStatus(status: number, detail: string): Failure {
  if (status === 429) return { kind: "busy" };
  return { kind: status >= 500 ? "server" : "refused", detail };
}

async function detailOf(response: Response): Promise<string> {
  if (response.headers.get("Content-Type") !== "application/problem+json") return `HTTP ${response.status}`;
  const { detail, title } = (await response.json()) as ProblemBody;
  return detail ?? title;
}

function unreachable(): Failure {
  return { kind: navigator.onLine ? "unreachable" : "offline" };
}
