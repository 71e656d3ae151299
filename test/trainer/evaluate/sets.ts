// Sets of points for tests.

import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";

/** n draws from N(centre, spread^2 I), float32 [n, d], flat. */
export function blob(seed: string, n: number, centre: readonly number[], spread = 1): Float32Array {
  const d = centre.length;
  return sampleNormal(createGenerator(seed), new Float32Array(n * d)).map(
    (x, i) => centre[i % d]! + spread * x,
  );
}

/** Sets one after the other. */
export function join(...sets: readonly Float32Array[]): Float32Array {
  return Float32Array.from(sets.flatMap((set) => [...set]));
}
