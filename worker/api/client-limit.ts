// How often one client may ask. The platform's binding counts per location and says only yes or no.

import { RateLimitedError } from "./problems.ts";

/** The binding's period in wrangler.toml, seconds; the binding does not tell it. */
export const LIMIT_PERIOD_SECONDS = 60;

export interface RateLimit {
  readonly limit: (options: { key: string }) => Promise<{ success: boolean }>;
}

/**
 * Counts a request of a client. Off where there is no binding, or no address to tell clients apart by.
 * @throws RateLimitedError
 */
export async function countRequest(limiter: RateLimit | undefined, request: Request): Promise<void> {
  const address = request.headers.get("CF-Connecting-IP");
  if (!limiter || !address) return;
  const { success } = await limiter.limit({ key: clientOf(address) });
  if (!success) throw new RateLimitedError(LIMIT_PERIOD_SECONDS);
}

/** A limiter that lets everybody through while it fails, and says so once until it works again. */
export function failingOpen(limiter: RateLimit | undefined): RateLimit | undefined {
  if (!limiter) return undefined;
  let isFailing = false;
  return {
    limit: async (options) => {
      try {
        const outcome = await limiter.limit(options);
        isFailing = false;
        return outcome;
      } catch (error) {
        if (!isFailing)
          console.error(`the rate limit is off while its binding fails: ${(error as Error).message}`);
        isFailing = true;
        return { success: true };
      }
    },
  };
}

/** An IPv4 address, also one that is mapped into IPv6, or the /64 network of an IPv6 address: whoever has one address there has them all. */
export function clientOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped || !address.includes(":")) return mapped ?? address;
  const [head, tail] = address.split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(Math.max(0, missing)).fill("0"), ...groups(tail)];
  return all
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":");
}
