// Which latent units a model uses: those whose posterior mean moves with the image (Burda et al. 2016, section 5.2,
// https://arxiv.org/abs/1509.00519).

/** Burda et al.'s. */
const THRESHOLD = 0.01;

export interface ActiveUnits {
  readonly count: number;
  /** Variance of each unit's mean over the images, [d]. */
  readonly variances: readonly number[];
}

/**
 * Counts units with Cov_x(E_q(z|x)[z]) above the threshold.
 * @param means  of q(z|x), float32 [n, d], flat
 */
export function activeUnits(means: Float32Array, d: number, threshold = THRESHOLD): ActiveUnits {
  const n = means.length / d;
  const variances = Array.from({ length: d }, (_, unit) => {
    let mean = 0;
    for (let i = unit; i < means.length; i += d) mean += means[i]! / n;
    let variance = 0;
    for (let i = unit; i < means.length; i += d) variance += (means[i]! - mean) ** 2 / n;
    return variance;
  });
  return { count: variances.filter((variance) => variance > threshold).length, variances };
}
