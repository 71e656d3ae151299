// The canonical spelling of an address: caches and browsers store responses under the address as it is written.

/**
 * A path with parameters in the order of their names, each value percent-encoded.
 * @param parameters  undefined ones are omitted
 */
export function writeAddress(
  path: string,
  parameters: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return query.length > 0 ? `${path}?${query.join("&")}` : path;
}
