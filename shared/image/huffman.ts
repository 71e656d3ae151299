// Huffman codes as deflate wants them: limited in length, canonical, bits in reverse. RFC 1951, 3.2.2
// https://www.rfc-editor.org/rfc/rfc1951#section-3.2.2

/** Symbols of the largest alphabet, literals and lengths, with two that the fixed codes reserve and that never occur. */
const MAX_SYMBOLS = 288;
const MAX_BITS = 15;

export interface HuffmanCode {
  /** Bits of each symbol, 0 for one that does not occur. */
  readonly lengths: Uint8Array;
  /** Code of each symbol, first bit lowest. */
  readonly codes: Uint16Array;
}

export function createCode(symbols: number): HuffmanCode {
  return { lengths: new Uint8Array(symbols), codes: new Uint16Array(symbols) };
}

// Working memory: one call runs at a time, and allocating it would cost more than using it.
const keys = new Uint32Array(MAX_SYMBOLS);
const nodes = new Int32Array(MAX_SYMBOLS);
const counts = new Int32Array(MAX_BITS + 1);
const nextCode = new Int32Array(MAX_BITS + 2);

/**
 * Sets the lengths of the shortest code that needs at most `maxBits` (a little longer than the shortest where the
 * limit bites), and its canonical codes.
 * @param frequencies  how often each symbol occurs, below 2^23; a single symbol gets 1 bit
 */
export function fitCode(code: HuffmanCode, frequencies: Uint32Array, maxBits: number): void {
  const { lengths } = code;
  lengths.fill(0);
  let used = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    if (frequencies[symbol] !== 0) keys[used++] = frequencies[symbol]! * 512 + symbol;
  }
  if (used === 1) lengths[keys[0]! % 512] = 1;
  if (used >= 2) {
    keys.subarray(0, used).sort();
    for (let i = 0; i < used; i++) nodes[i] = keys[i]! >>> 9;
    setDepths(nodes, used);
    limitDepths(used, maxBits);
    // counts holds how many codes have each length: the rarest symbols take the longest.
    let i = used;
    for (let bits = 1; bits <= maxBits; bits++) {
      for (let left = counts[bits]!; left > 0; left--) lengths[keys[--i]! % 512] = bits;
    }
  }
  assignCodes(code);
}

/** Canonical codes of given lengths. */
export function assignCodes({ lengths, codes }: HuffmanCode): void {
  counts.fill(0, 0, MAX_BITS + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol]!]!++;
  counts[0] = 0;
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    nextCode[bits] = (nextCode[bits - 1]! + counts[bits - 1]!) << 1;
  }
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const bits = lengths[symbol]!;
    if (bits !== 0) codes[symbol] = reverse16(nextCode[bits]!++) >>> (16 - bits);
  }
}

/**
 * Frequencies, ascending, become depths in a Huffman tree, descending, in place
 * (Moffat & Katajainen 1995, In-place calculation of minimum-redundancy codes).
 */
function setDepths(node: Int32Array, size: number): void {
  // Combine: inner nodes overwrite the leaves that they took, and each taken inner node learns its parent.
  let leaf = 0;
  let root = 0;
  for (let next = 0; next < size - 1; next++) {
    let weight = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf >= size || (root < next && node[root]! < node[leaf]!)) {
        weight += node[root]!;
        node[root++] = next;
      } else {
        weight += node[leaf++]!;
      }
    }
    node[next] = weight;
  }
  // Parents become depths of inner nodes, from the root down.
  node[size - 2] = 0;
  for (let next = size - 3; next >= 0; next--) node[next] = node[node[next]!]! + 1;
  // Depths of inner nodes become depths of leaves: what a level's inner nodes do not take.
  let inner = size - 2;
  let open = 1;
  let next = size - 1;
  for (let depth = 0; open > 0; depth++) {
    let taken = 0;
    while (inner >= 0 && node[inner] === depth) {
      taken++;
      inner--;
    }
    for (let i = open - taken; i > 0; i--) node[next--] = depth;
    open = 2 * taken;
  }
}

/** Counts the depths, folded to at most maxBits, and lengthens other codes until Kraft's sum is 1 again. */
function limitDepths(size: number, maxBits: number): void {
  counts.fill(0, 0, MAX_BITS + 1);
  for (let i = 0; i < size; i++) counts[Math.min(nodes[i]!, maxBits)]!++;
  let excess = -(1 << maxBits);
  for (let bits = 1; bits <= maxBits; bits++) excess += counts[bits]! << (maxBits - bits);
  for (; excess > 0; excess--) {
    let bits = maxBits - 1;
    while (counts[bits] === 0) bits--;
    counts[maxBits]!--;
    counts[bits]!--;
    counts[bits + 1]! += 2;
  }
}

function reverse16(value: number): number {
  let bits = ((value & 0x5555) << 1) | ((value >>> 1) & 0x5555);
  bits = ((bits & 0x3333) << 2) | ((bits >>> 2) & 0x3333);
  bits = ((bits & 0x0f0f) << 4) | ((bits >>> 4) & 0x0f0f);
  return ((bits & 0xff) << 8) | (bits >>> 8);
}
