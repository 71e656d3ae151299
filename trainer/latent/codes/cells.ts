// What a grid of codes costs without a prior that knows more than each cell's own frequencies, and what it tells about its
// image. The encoder is deterministic, so its mutual information is the entropy of the codes.

import type { CodeGrid } from "../../../shared/latent/codes/grid.ts";

/** Counts of each code, [size]. */
export function countCodes(codes: readonly ArrayLike<number>[], { size }: Pick<CodeGrid, "size">): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const grid of codes) for (let cell = 0; cell < grid.length; cell++) counts[grid[cell]!]! += 1;
  return counts;
}

/** The entropy of each cell's codes over the images, nats, [cells]: what it costs by its own frequencies, at most log K. */
export function cellEntropies(
  codes: readonly ArrayLike<number>[],
  grid: Pick<CodeGrid, "rows" | "columns" | "size">,
): number[] {
  return Array.from({ length: grid.rows * grid.columns }, (_, cell) =>
    entropyOf(
      countCodes(
        codes.map((values) => [values[cell]!]),
        grid,
      ),
    ),
  );
}

/** I(n; codes) of N images, nats: the entropy of their grids, log N where no two are equal (Hoffman & Johnson 2016). */
export function codesInformation(codes: readonly ArrayLike<number>[]): number {
  const counts = new Map<string, number>();
  for (const grid of codes) {
    const key = Array.from(grid).join(",");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return entropyOf([...counts.values()]);
}

function entropyOf(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (sum, count) => (count > 0 ? sum - (count / total) * Math.log(count / total) : sum),
    0,
  );
}
