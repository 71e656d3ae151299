// A Cloudflare Worker that draws handwritten digits with the decoder of a variational autoencoder: one file, without
// dependencies, to paste into the editor of Cloudflare's dashboard (which takes JavaScript, with types as comments).
// Set its variable MODEL to the address of a model.json that train.ts wrote, with weights.bin beside it; or bind the R2
// bucket that has them as BUCKET, and MODEL is the key of model.json there. Then /sample?seed=ada is a PNG, always the
// same for a seed, with the pixels that Edge Digits draws from these weights, to the bit. For that, all arithmetic is
// +, -, *, / and square roots, which every machine rounds alike, unlike Math.exp and Math.log; fround rounds to float32.

const { fround } = Math;

/** @typedef {{ MODEL?: string, BUCKET?: { get(key: string): Promise<any> } }} Env  the Worker's settings */

/** @type {Float32Array[] | undefined} Each layer's W and b; loaded by the first request and kept for the next ones. */
let decoder;

export default {
  /** @param {Request} request @param {Env} env */
  async fetch(request, env) {
    try {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/") return new Response(PAGE, { headers: { "Content-Type": "text/html" } });
      if (pathname !== "/sample") throw failure(404, `nothing at ${pathname}; try /sample?seed=ada`);
      const { seed = "", sampler = "prior", ...others } = Object.fromEntries(searchParams);
      if (sampler !== "prior" || Object.keys(others).length > 0) {
        throw failure(400, `found "${searchParams}"; expected only seed, and sampler=prior if you like`);
      }
      decoder ??= await loadDecoder(env);
      return new Response(await encodePng(draw(decoder, seed)), { headers: { "Content-Type": "image/png" } });
    } catch (error) {
      return error instanceof Response ? error : failure(500, String(error));
    }
  },
};

const PAGE = `<!doctype html>${Array.from({ length: 60 }, (_, i) => `<img src="/sample?seed=${i}">`).join(" ")}`;

/** @param {number} status @param {string} message */
const failure = (status, message) => new Response(`${message}\n`, { status });

/**
 * Kingma & Welling 2014, section 2.1: z from the prior N(0, I), then the probability of ink that p(x|z) gives each pixel.
 * @param {Float32Array[]} layers @param {string} seed @returns grey levels, 0 is background and 255 is ink
 */
function draw(layers, seed) {
  const random = createGenerator(seed);
  const latentDim = layers[0].length / layers[1].length;
  let x = Float32Array.from({ length: latentDim }, () => inverseNormalCdf((random() + 0.5) / 2 ** 32));
  for (let i = 0; i < layers.length; i += 2) {
    if (i > 0) x = x.map((value) => Math.max(value, 0)); // relu, after each layer but the last
    x = dense(x, layers[i], layers[i + 1]);
  }
  return Uint8Array.from(x, (logit) => {
    const ink = fround(1 / fround(1 + exp(-logit))); // sigmoid
    return fround(fround(ink * 255) + 0.5);
  });
}

/** @param {Float32Array} x @param {Float32Array} weights  [inputs, outputs] @param {Float32Array} bias @returns x W + b */
function dense(x, weights, bias) {
  // Rounded sums depend on their order, so it is fixed: term i goes to the partial sum i mod 4, which suits SIMD.
  const partial = [0, 1, 2, 3].map(() => new Float32Array(bias.length));
  for (const [i, xi] of x.entries()) {
    const sum = partial[i % 4];
    for (let o = 0, w = i * bias.length; o < bias.length; o++, w++) sum[o] += fround(xi * weights[w]);
  }
  const [a, b, c, d] = partial;
  return bias.map((offset, o) => fround(fround(a[o] + b[o]) + fround(c[o] + d[o])) + offset);
}

/** @param {number} x @returns {number} e^x = 2^n e^r in float32, with the polynomial of Cephes (Moshier 1992) for e^r */
function exp(x) {
  const clamped = Math.min(Math.max(x, -80), 80);
  const n = fround(fround(fround(clamped * fround(Math.LOG2E)) + 12582912) - 12582912); // rounds to an integer
  const r = fround(fround(clamped - fround(n * 0.693359375)) - fround(n * fround(-2.1219444e-4)));
  const p = EXP.reduce((sum, coefficient) => fround(fround(sum * r) + fround(coefficient)), 0);
  const [power] = new Float32Array(Int32Array.of((n + 127) << 23).buffer); // 2^n, from the bits of its exponent
  return fround(fround(fround(fround(p * fround(r * r)) + r) + 1) * power);
}

/** @param {number} x  between 0 and 1 @returns {number} the natural logarithm, by halvings and the series of artanh */
function ln(x) {
  let exponent = 0;
  for (; x <= Math.SQRT1_2; x *= 2) exponent--;
  const s = (x - 1) / (x + 1);
  let sum = 0;
  for (let k = 13; k >= 0; k--) sum = sum * (s * s) + 1 / (2 * k + 1);
  return exponent * Math.LN2 + 2 * s * sum;
}

/** @param {number} p  at least 2^-33 @returns {number} x, with N(0, 1) below x with probability p (Wichura 1988, AS 241) */
function inverseNormalCdf(p) {
  const q = p - 0.5;
  const isCentral = Math.abs(q) <= 0.425;
  const x = isCentral ? 0.180625 - q * q : Math.sqrt(-ln(Math.min(p, 1 - p))) - 1.6;
  const [above, below] = (isCentral ? CENTRE : TAIL).map((powers) => powers.reduce((sum, c) => sum * x + c));
  return (isCentral ? q : Math.sign(q)) * (above / below);
}

// Coefficients of polynomials, highest power first; of AS 241's ratios, above and below the line.
const EXP = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5];
// biome-ignore format: four lines
const CENTRE = [[2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
  13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608],
  [5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
  5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1]];
// biome-ignore format: four lines
const TAIL = [[7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
  3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
  [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
  0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1]];

/** @param {string} seed @returns random 32-bit numbers: a hash of the seed starts xoshiro128** (Blackman & Vigna 2018) */
function createGenerator(seed) {
  if (!/^.{1,128}$/su.test(seed)) throw failure(400, "expected a seed of 1 to 128 characters");
  const state = murmur3(new TextEncoder().encode(seed));
  const next = () => {
    const [a, b, c, d] = state;
    state.set([a ^ b ^ d, a ^ b ^ c, a ^ c ^ (b << 9), rotate(b ^ d, 11)]);
    return Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** @param {number} word @param {number} count  bits to the left */
const rotate = (word, count) => (word << count) | (word >>> (32 - count));

/** @param {Uint8Array} key @returns the four words of MurmurHash3 x86 128 (Appleby 2011) */
function murmur3(key) {
  const C = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
  const h = new Int32Array(4);
  const words = new Int32Array(4 * Math.floor(key.length / 16) + 4); // Blocks of four, the last filled with zeros.
  new Uint8Array(words.buffer).set(key);
  for (const [at, word] of words.entries()) {
    const i = at % 4;
    h[i] ^= Math.imul(rotate(Math.imul(word, C[i]), 15 + i), C[(i + 1) % 4]);
    if (at >= words.length - 4) continue;
    const sum = rotate(h[i], [19, 17, 15, 13][i]) + h[(i + 1) % 4];
    h[i] = Math.imul(sum, 5) + [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17][i];
  }
  const mix = () => {
    h[0] += h[1] + h[2] + h[3];
    for (const i of [1, 2, 3]) h[i] += h[0];
  };
  for (const i of h.keys()) h[i] ^= key.length;
  mix();
  for (const i of h.keys()) {
    h[i] = Math.imul(h[i] ^ (h[i] >>> 16), 0x85ebca6b);
    h[i] = Math.imul(h[i] ^ (h[i] >>> 13), 0xc2b2ae35);
    h[i] ^= h[i] >>> 16;
  }
  mix();
  return h;
}

/** @param {Env} env @returns {Promise<Float32Array[]>} */
async function loadDecoder({ MODEL, BUCKET }) {
  if (!MODEL) throw failure(500, "MODEL is not set; expected the address of a model.json");
  /** @param {string} path @returns {Promise<any>} */
  const read = async (path) => {
    const found = await (BUCKET ? BUCKET.get(path) : fetch(path));
    if (!found || (found instanceof Response && !found.ok)) throw failure(502, `MODEL: cannot read ${path}`);
    return found;
  };
  const [{ paths, weights }] = (await (await read(MODEL)).json()).weightsManifest;
  const bytes = await (await read(MODEL.replace(/[^/]*$/, paths[0]))).arrayBuffer();
  let at = 0;
  return weights.map((/** @type {any} */ { shape, quantization: q }) => {
    if (shape.length > 2) throw failure(500, `${MODEL} has layers that are not dense; this Worker does not`);
    const count = shape[0] * (shape[1] ?? 1);
    const stored = bytes.slice(at, at + count * (q ? 1 : 4));
    at += stored.byteLength;
    if (!q) return new Float32Array(stored);
    return new Float32Array(new Uint8Array(stored)).map((byte) => byte * q.scale + q.min);
  });
}

/** @param {Uint8Array} pixels  28 x 28 @returns a grey PNG, https://www.w3.org/TR/png-3/ */
async function encodePng(pixels) {
  const rows = new Uint8Array(28 * 29); // Each begins with its filter: 0, none.
  for (let y = 0; y < 28; y++) rows.set(pixels.subarray(28 * y, 28 * (y + 1)), 29 * y + 1);
  const compressed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(compressed).arrayBuffer());
  const header = Uint8Array.of(0, 0, 0, 28, 0, 0, 0, 28, 8, 0, 0, 0, 0); // width, height, 8 bits, grey
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return new Blob([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new Uint8Array())]);
}

/** @param {string} type @param {Uint8Array} data */
function chunk(type, data) {
  const bytes = new Uint8Array([0, 0, 0, 0, ...new TextEncoder().encode(type), ...data, 0, 0, 0, 0]);
  let crc = -1;
  for (const byte of bytes.subarray(4, -4)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  view.setUint32(bytes.length - 4, ~crc);
  return bytes;
}
