// Which latent units a model uses: those whose posterior mean moves with the image (Burda et al. 2016, section 5.2,
// https://arxiv.org/abs/1509.00519).

/** Burda et al.'s. */
const THRESHOLD = 0.01;
/** KL below which a latent tells less about its image than half a nat: too little for two classes. */
const COLLAPSED_KL = 0.5;

/**
 * Counts units with Cov_x(E_q(z|x)[z]) above the threshold.
 * @param means  of q(z|x), float32 [n, d], flat
 * @returns how many, and the variance of each unit's mean over the images, [d]
 */
export function activeUnits(means: Float32Array, d: number, threshold = THRESHOLD) {
  const n = means.length / d;
  const variances = Array.from({ length: d }, (_, unit) => {
    let mean = 0;
    for (let i = unit; i < means.length; i += d) mean += means[i]! / n;
    let variance = 0;
    for (let i = unit; i < means.length; i += d) variance += (means[i]! - mean) ** 2 / n;
    return variance;
  });
  return { count: variances.filter((variance) => isActive(variance, threshold)).length, variances };
}

/** @param variance  of a unit's mean over the images */
export function isActive(variance: number, threshold = THRESHOLD): boolean {
  return variance > threshold;
}

/**
 * Whether the decoder does without the latent, in one sentence: no active unit, or next to no KL (posterior collapse: Bowman
 * et al. 2016, https://arxiv.org/abs/1511.06349; He et al. 2019, https://arxiv.org/abs/1901.05534); or, in part, fewer than
 * half of the units active.
 * @param kl  nats per image
 */
export function findPosteriorCollapse(kl: number, active: number, d: number): string | undefined {
  const found = `KL ${kl.toFixed(2)} nats, ${active} of ${d} units active`;
  if (active === 0 || kl < COLLAPSED_KL) {
    return `posterior collapse: ${found}; the decoder hardly uses its latent`;
  }
  return active < d / 2
    ? `partial posterior collapse: ${found}; a smaller latent would do as well`
    : undefined;
}
