// Every reply may be read from every origin, and shown in pages of every origin. The headers are part of each reply from
// the start: middleware that adds them costs a request a tenth of its CPU.

export const OPEN_TO_ALL = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "ETag, Link, Retry-After, X-Model, X-Request-Id, X-Seed",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

/** An SVG opened as a page of its own draws, and does nothing else. */
export const SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'";
