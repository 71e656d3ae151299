// Which methods an address has, by the routes themselves.

export interface Address {
  readonly method: string;
  /** As Hono writes it, such as "/models/:name". */
  readonly path: string;
}

/** The methods of a path for the Allow header, HEAD and OPTIONS among them; none where there is no such address. */
export function allowedMethods(addresses: readonly Address[], path: string): readonly string[] {
  const methods = addresses.filter((address) => matches(address.path, path)).map(({ method }) => method);
  if (methods.length === 0) return [];
  return [
    ...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))),
    "OPTIONS",
  ];
}

function matches(pattern: string, path: string): boolean {
  const [expected, found] = [pattern.split("/"), path.split("/")];
  return (
    expected.length === found.length &&
    expected.every((part, i) => (part.startsWith(":") ? found[i] !== "" : part === found[i]))
  );
}
