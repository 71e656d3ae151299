// Which route an address belongs to, for Allow headers and for the log: the routes themselves are the table.

export interface Pattern {
  /** As the route was written, such as /number/:digits. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly matches: (path: string) => boolean;
}

/** @param routes  of a Hono app */
export function patternsOf(
  routes: readonly { readonly path: string; readonly method: string }[],
): readonly Pattern[] {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    if (!path.includes("*")) methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  return [...methods].map(([path, own]) => ({
    path,
    // HEAD works everywhere GET does.
    methods: [
      ...new Set(own.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))),
      "OPTIONS",
    ],
    matches: matcherOf(path),
  }));
}

export function findPattern(patterns: readonly Pattern[], path: string): Pattern | undefined {
  return patterns.find((pattern) => pattern.matches(path));
}

/** @returns undefined where no route has the address */
export function allowedMethods(patterns: readonly Pattern[], path: string): readonly string[] | undefined {
  return findPattern(patterns, path)?.methods;
}

function matcherOf(path: string): (found: string) => boolean {
  if (!path.includes(":")) return (found) => found === path;
  const segments = path.split("/").map((segment) => (segment.startsWith(":") ? undefined : segment));
  return (found) => {
    const parts = found.split("/");
    return (
      parts.length === segments.length &&
      parts.every((part, i) => (segments[i] === undefined ? part !== "" : part === segments[i]))
    );
  };
}
