// Numbers as the report writes them.

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
