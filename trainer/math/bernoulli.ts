// The likelihood of an image under Bernoulli pixels, from logits, without tfjs.

/** Number of factors of at most 2 whose product stays within float64. */
const MAX_FACTORS = 512;

/**
 * -log p(image | logits), nats: max(x, 0) - x t + log(1 + exp(-|x|)), summed. The factors 1 + exp(-|x|) of many
 * pixels are multiplied before one logarithm is taken.
 * @param logits  float32 [pixels]
 * @param images  in [0, 1]; the image begins at `from`
 */
export function bernoulliNll(logits: Float32Array, images: Float32Array, from = 0): number {
  let sum = 0;
  for (let start = 0; start < logits.length; start += MAX_FACTORS) {
    const end = Math.min(logits.length, start + MAX_FACTORS);
    let product = 1;
    for (let p = start; p < end; p++) {
      const x = logits[p]!;
      sum += (x > 0 ? x : 0) - x * images[from + p]!;
      product *= 1 + Math.exp(x > 0 ? -x : x);
    }
    sum += Math.log(product);
  }
  return sum;
}
