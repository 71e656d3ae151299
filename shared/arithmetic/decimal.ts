// Latents as text: in addresses and in JSON.

const { fround } = Math;
/** Nine significant digits distinguish every float32 from its neighbours. */
const ENOUGH_DIGITS = 9;

/**
 * The number with the fewest decimal digits that rounds to a float32: 0.1 for the float32 0.10000000149. So a latent has
 * one short spelling, and reads back exactly. Negative zero becomes 0, which decodes to the same pixels.
 * @param value  finite
 */
export function shortestDecimal(value: number): number {
  const target = fround(value);
  let shortest = target;
  for (let digits = ENOUGH_DIGITS; digits >= 1; digits--) {
    const candidate = Number(target.toPrecision(digits));
    if (fround(candidate) !== target) break;
    shortest = candidate;
  }
  return shortest + 0;
}
