// Limits the rate of requests per client. The platform's binding counts per location and returns only yes or no.

import { expandIPv6 } from "hono/utils/ipaddr";
import { RateLimitedError } from "./problems.ts";

/** The binding's period in wrangler.toml, seconds; the binding does not expose it. */
export const LIMIT_PERIOD_SECONDS = 60;
/** Requests in a period, of the bindings in wrangler.toml: of all requests, and of those that may take longest. */
export const CLIENT_LIMIT = 3000;
export const HEAVY_LIMIT = 600;
/** Routes of many digits. */
const SHEETS = ["/grid", "/interpolate", "/manifold"];

/** For the header of all replies (draft-ietf-httpapi-ratelimit-headers-10). */
export const RATE_LIMIT_POLICY = [
  `"client";q=${CLIENT_LIMIT};w=${LIMIT_PERIOD_SECONDS}`,
  `"heavy";q=${HEAVY_LIMIT};w=${LIMIT_PERIOD_SECONDS}`,
].join(", ");

/** Uploads, sheets and data sets. */
export function isHeavy(method: string, path: string): boolean {
  return method === "POST" || SHEETS.includes(path) || path.startsWith("/dataset/");
}

export interface RateLimit {
  readonly limit: (options: { key: string }) => Promise<{ success: boolean }>;
}

/**
 * @returns counts a request and throws RateLimitedError beyond the limit. Lets all requests through without a binding or an
 *   address, and while the binding fails, which it logs once.
 */
export function createClientLimit(limiter: RateLimit | undefined): (request: Request) => Promise<void> {
  let isFailing = false;
  const isAllowed = async (key: string): Promise<boolean> => {
    try {
      const { success } = await limiter!.limit({ key });
      isFailing = false;
      return success;
    } catch (error) {
      if (!isFailing) {
        console.error(`the rate limit is off while its binding fails: ${(error as Error).message}`);
      }
      isFailing = true;
      return true;
    }
  };
  return async ({ headers }) => {
    const address = headers.get("CF-Connecting-IP");
    if (!limiter || !address || (await isAllowed(clientOf(address)))) return;
    throw new RateLimitedError(LIMIT_PERIOD_SECONDS);
  };
}

/** An IPv4 address, mapped into IPv6 or not; or the /64 network of an IPv6 address, since one client has all of it. */
export function clientOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped || !address.includes(":")) return mapped ?? address;
  return expandIPv6(address.toLowerCase()).split(":").slice(0, 4).join(":");
}
