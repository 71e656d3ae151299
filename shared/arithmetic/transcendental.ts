// The transcendental functions of scheme s1. Math.exp, log, sin and acos differ between engines in their last
// bits; +, -, *, / and sqrt do not (IEEE 754 rounds them exactly). So everything here is made of those five.

const { fround, sqrt } = Math;

const LOG2E = fround(Math.LOG2E);
const LN2_HIGH = fround(0.693359375);
const LN2_LOW = fround(-2.1219444e-4);
const EXP_POLYNOMIAL = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5,
].map(fround);
/** Adding and subtracting 1.5 * 2^23 rounds a small float32 to the nearest integer, ties to even. */
const ROUND_MAGIC = 12582912;

const bits = new DataView(new ArrayBuffer(8));

/**
 * exp(x) in float32, every operation rounded to float32 (the polynomial is Cephes expf's, Moshier 1992).
 * @param x  float32, clamped by definition to [-80, 80]
 */
export function expFloat32(x: number): number {
  const clamped = x < -80 ? -80 : x > 80 ? 80 : x;
  const n = fround(fround(fround(clamped * LOG2E) + ROUND_MAGIC) - ROUND_MAGIC);
  const r = fround(fround(clamped - fround(n * LN2_HIGH)) - fround(n * LN2_LOW));
  let p = EXP_POLYNOMIAL[0]!;
  for (let i = 1; i < EXP_POLYNOMIAL.length; i++) p = fround(fround(p * r) + EXP_POLYNOMIAL[i]!);
  const y = fround(fround(fround(p * fround(r * r)) + r) + 1);
  bits.setInt32(0, (n + 127) << 23);
  return fround(y * bits.getFloat32(0));
}

/** 1 / (1 + exp(-x)) in float32. */
export function sigmoidFloat32(x: number): number {
  return fround(1 / fround(1 + expFloat32(-x)));
}

/** Natural logarithm of a positive normal number, float64, within 2 units in the last place. */
export function ln(x: number): number {
  bits.setFloat64(0, x);
  let exponent = ((bits.getInt32(0) >>> 20) & 0x7ff) - 1023;
  bits.setInt32(0, (bits.getInt32(0) & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * Math.LN2 + 2 * s * oddSeries(s * s, (k) => 1 / (2 * k + 1));
}

/** exp(x) for x up to 700, float64, within 2 units in the last place; 0 below -700. */
export function exp(x: number): number {
  if (x < -700) return 0;
  const n = Math.floor(x / Math.LN2 + 0.5);
  const r = x - n * 0.69314718036912381649 - n * 1.90821492927058770002e-10;
  let sum = 1;
  for (let k = 14; k >= 1; k--) sum = 1 + (r / k) * sum;
  bits.setInt32(0, (n + 1023) << 20);
  bits.setInt32(4, 0);
  return sum * bits.getFloat64(0);
}

/** sin(x) for x in [0, pi], float64. */
export function sin(x: number): number {
  const folded = x > Math.PI / 2 ? Math.PI - x : x;
  const square = folded * folded;
  let sum = 1;
  for (let k = 11; k >= 1; k--) sum = 1 - (square / (2 * k * (2 * k + 1))) * sum;
  return folded * sum;
}

/** acos(x) for x in [-1, 1], in [0, pi], float64. */
export function acos(x: number): number {
  if (x <= -1) return Math.PI;
  return 2 * atan(sqrt((1 - x) / (1 + x)));
}

function atan(x: number): number {
  if (x > 1) return Math.PI / 2 - atan(1 / x);
  // Two half-angle steps bring x below 0.199, where the series is short.
  const half = x / (1 + sqrt(1 + x * x));
  const quarter = half / (1 + sqrt(1 + half * half));
  return 4 * quarter * oddSeries(-quarter * quarter, (k) => 1 / (2 * k + 1));
}

/** Sum of coefficient(k) * square^k for k = 0 to 13, by Horner's rule. */
function oddSeries(square: number, coefficient: (k: number) => number): number {
  let sum = 0;
  for (let k = 13; k >= 0; k--) sum = sum * square + coefficient(k);
  return sum;
}

// Wichura (1988), Algorithm AS 241, PPND16: numerator and denominator, highest power first.
const CENTRE = [
  [
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  [
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
  ],
] as const;
const TAIL = [
  [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
] as const;
const FAR_TAIL = [
  [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
  ],
] as const;

/**
 * Quantile of the standard normal distribution, float64 (Wichura 1988, AS 241: relative error about 1e-16).
 * @param p  probability, 0 < p < 1
 */
export function inverseNormalCdf(p: number): number {
  const q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * rational(CENTRE, 0.180625 - q * q);
  const r = sqrt(-ln(q < 0 ? p : 1 - p));
  const magnitude = r <= 5 ? rational(TAIL, r - 1.6) : rational(FAR_TAIL, r - 5);
  return q < 0 ? -magnitude : magnitude;
}

function rational(
  [numerator, denominator]: readonly [readonly number[], readonly number[]],
  x: number,
): number {
  return horner(numerator, x) / horner(denominator, x);
}

/** @param coefficients  that of the highest power first */
function horner(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i]!;
  return sum;
}
