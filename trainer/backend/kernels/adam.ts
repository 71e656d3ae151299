// One step of Adam over one parameter tensor (Kingma & Ba 2015, Algorithm 1), in a single pass over memory. Moments that have
// decayed to almost nothing become 0: below 1.2e-38 processors compute a hundred times slower, and the weights of pixels
// that hardly ever have ink get there within two epochs.

/** Of moments that are kept: what is below moves no weight by more than 1e-22 of the learning rate (epsilon is 1e-8). */
const LEAST: f32 = 1e-30;

/**
 * m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
 * newP = p - rate * (m / mCorrection) / (sqrt(v / vCorrection) + epsilon)
 * @param mCorrection, vCorrection  1 - beta^step, the bias corrections
 */
export function adamUpdate(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  newP: usize,
  size: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  mCorrection: f32,
  vCorrection: f32,
): void {
  const rates = f32x4.splat(rate / mCorrection);
  const beta1s = f32x4.splat(beta1);
  const beta2s = f32x4.splat(beta2);
  const fresh1s = f32x4.splat(1 - beta1);
  const fresh2s = f32x4.splat(1 - beta2);
  const epsilons = f32x4.splat(epsilon);
  const vScales = f32x4.splat(1 / vCorrection);
  const whole = (<usize>(size & ~3)) << 2;
  const end = (<usize>size) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const grad = v128.load(g + at);
    const mean = kept(f32x4.add(f32x4.mul(v128.load(m + at), beta1s), f32x4.mul(grad, fresh1s)));
    const square = kept(
      f32x4.add(f32x4.mul(v128.load(v + at), beta2s), f32x4.mul(f32x4.mul(grad, grad), fresh2s)),
    );
    const spread = f32x4.add(f32x4.sqrt(f32x4.mul(square, vScales)), epsilons);
    v128.store(m + at, mean);
    v128.store(v + at, square);
    v128.store(newP + at, f32x4.sub(v128.load(p + at), f32x4.div(f32x4.mul(mean, rates), spread)));
  }
  for (let at = whole; at < end; at += 4) {
    const grad = load<f32>(g + at);
    let mean = load<f32>(m + at) * beta1 + grad * (1 - beta1);
    if (abs<f32>(mean) < LEAST) mean = 0;
    let square = load<f32>(v + at) * beta2 + grad * grad * (1 - beta2);
    if (square < LEAST) square = 0;
    store<f32>(m + at, mean);
    store<f32>(v + at, square);
    const spread = sqrt<f32>(square * (1 / vCorrection)) + epsilon;
    store<f32>(newP + at, load<f32>(p + at) - (mean * (rate / mCorrection)) / spread);
  }
}

function kept(moment: v128): v128 {
  return v128.andnot(moment, f32x4.lt(f32x4.abs(moment), f32x4.splat(LEAST)));
}
