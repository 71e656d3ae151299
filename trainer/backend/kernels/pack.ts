// Packing for the matrix product: a block of a matrix, in any stride, becomes panels that the product reads in order.
// A panel holds `width` lanes (rows of A, columns of B) beside each other for each step of the inner dimension, and
// lanes beyond the matrix are zero, so the inner loop needs no edge cases (Goto & van de Geijn 2008, section 5).

/**
 * Packs `lanes` x `depth` elements into ceil(lanes / width) panels of width x depth floats.
 * @param laneStride, depthStride  bytes between neighbours; one of the two is 4
 * @param width  4 or 8
 */
export function pack(
  from: usize,
  laneStride: usize,
  depthStride: usize,
  lanes: i32,
  depth: i32,
  width: i32,
  to: usize,
): void {
  const panelBytes = (<usize>(width * depth)) << 2;
  for (let lane = 0; lane < lanes; lane += width, to += panelBytes) {
    const source = from + <usize>lane * laneStride;
    if (lane + width > lanes) packEdge(source, laneStride, depthStride, lanes - lane, depth, width, to);
    else if (laneStride === 4) packContiguous(source, depthStride, depth, width, to);
    else packTransposed(source, laneStride, depth, width, to);
  }
}

/** Steps after which a panel without any that is all zero is taken for one that has none. */
const PROBED: i32 = 64;

/**
 * Closes up a packed panel of four lanes where at most three in four steps are not all zero: MNIST's images are mostly
 * paper. Products with 0 add nothing, so sums keep their bits.
 * @param stepBytes  of a step of the other operand's panels
 * @param places  uint32 [depth]: where the other operand has the steps that are left
 * @returns how many are left: `depth` if the panel stays as it is
 */
export function closeUp(panel: usize, depth: i32, stepBytes: i32, places: usize): i32 {
  let place = places;
  for (let k = 0; k < depth; k++) {
    if (k === PROBED && place - places === PROBED << 2) return depth;
    if (!v128.any_true(f32x4.ne(v128.load(panel + ((<usize>k) << 4)), f32x4.splat(0)))) continue;
    store<u32>(place, k * stepBytes);
    place += 4;
  }
  const left = <i32>((place - places) >> 2);
  if (left * 4 > depth * 3) return depth;
  for (let i = 0; i < left; i++, places += 4) {
    const k = <usize>(load<u32>(places) / stepBytes);
    v128.store(panel + ((<usize>i) << 4), v128.load(panel + (k << 4)));
  }
  return left;
}

/** The last panel, padded with zeros. */
function packEdge(
  from: usize,
  laneStride: usize,
  depthStride: usize,
  lanes: i32,
  depth: i32,
  width: i32,
  to: usize,
): void {
  for (let k = 0; k < depth; k++, from += depthStride) {
    for (let lane = 0; lane < width; lane++, to += 4) {
      store<f32>(to, lane < lanes ? load<f32>(from + <usize>lane * laneStride) : 0);
    }
  }
}

/** Lanes lie side by side in memory: a copy. */
function packContiguous(from: usize, depthStride: usize, depth: i32, width: i32, to: usize): void {
  const end = to + ((<usize>(width * depth)) << 2);
  if (width === 4) {
    for (; to < end; to += 16, from += depthStride) v128.store(to, v128.load(from));
  } else {
    for (; to < end; to += 32, from += depthStride) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  }
}

/** Each lane is a row of its own in memory: 4 x 4 blocks are transposed in registers. */
function packTransposed(from: usize, laneStride: usize, depth: i32, width: i32, to: usize): void {
  const bytes = (<usize>width) << 2;
  const whole = depth & ~3;
  for (let lane = 0; lane < width; lane += 4, from += laneStride << 2, to += 16) {
    let source = from;
    let target = to;
    for (let k = 0; k < whole; k += 4, source += 16, target += bytes << 2) {
      transpose4(source, laneStride, target, bytes);
    }
    for (let k = whole; k < depth; k++, source += 4, target += bytes) {
      for (let i = 0; i < 4; i++) {
        store<f32>(target + ((<usize>i) << 2), load<f32>(source + <usize>i * laneStride));
      }
    }
  }
}

/** Four rows of four floats, `stride` bytes apart, become four columns, `bytes` apart. */
function transpose4(from: usize, stride: usize, to: usize, bytes: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + stride);
  const r2 = v128.load(from + stride * 2);
  const r3 = v128.load(from + stride * 3);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + bytes, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + bytes * 2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + bytes * 3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}
