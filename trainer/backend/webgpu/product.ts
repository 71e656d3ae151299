// The one shader behind dense layers, convolutions and their gradients: a matrix product in tiles whose operands are
// functions of row, column and depth, so that patches and masks are never written out.

import type { Binding, ProgramSource } from "./program.ts";

/** Side of a workgroup's tile of the result; narrow results get narrower and taller ones. */
const TILE = 32;
/** Depth held in workgroup memory at a time. */
const STEP = 16;
/** Fewer workgroups than this leave a GPU partly idle, so a deep product is split. */
const ENOUGH_WORKGROUPS = 128;
/** Least depth worth a workgroup of its own. */
const LEAST_CHUNK = 64;

export interface Product {
  readonly label: string;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Independent products of the same size, numbered by the shader's `phase`. */
  readonly phases?: number;
  readonly bindings: readonly Binding[];
  /** WGSL: body of `fn loadA(row: u32, d: u32) -> f32`. */
  readonly loadA: string;
  /** WGSL: body of `fn loadB(d: u32, col: u32) -> f32`. */
  readonly loadB: string;
  /** WGSL: body of `fn store(row: u32, col: u32, chunk: u32, value: f32)`. */
  readonly store: string;
  /** Functions that the bodies call. */
  readonly prelude?: string;
  /** Whether neighbouring rows of A, and neighbouring depths of B, lie side by side in memory. */
  readonly rowsAdjacent?: boolean;
  readonly depthsAdjacentInB?: boolean;
  /** Number of parts that the depth is split into; `store` gets a partial sum for each. */
  readonly split?: number;
}

/** Number of partial sums that a product of this size should be split into. */
export function splitOf(rows: number, columns: number, depth: number): number {
  const { tileRows, tileColumns } = tileOf(columns);
  const tiles = Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns);
  return Math.max(1, Math.min(Math.ceil(depth / LEAST_CHUNK), Math.ceil(ENOUGH_WORKGROUPS / tiles), 64));
}

export function productSource(product: Product): ProgramSource {
  const { label, rows, columns, depth, bindings, phases = 1, split = 1 } = product;
  const chunk = Math.ceil(depth / split);
  // A thread computes two rows by two columns (one, where there are few), `acrossX` threads side by side.
  const { acrossX, acrossY, wide, tileRows, tileColumns } = tileOf(columns);
  const [aRow, aDepth] = product.rowsAdjacent
    ? [`i % ${tileRows}u`, `i / ${tileRows}u`]
    : [`i / ${STEP}u`, `i % ${STEP}u`];
  const [bDepth, bColumn] = product.depthsAdjacentInB
    ? [`i % ${STEP}u`, `i / ${STEP}u`]
    : [`i / ${tileColumns}u`, `i % ${tileColumns}u`];
  const code = /* wgsl */ `
    var<private> phase: u32;
    ${product.prelude ?? ""}
    fn loadA(row: u32, d: u32) -> f32 { ${product.loadA} }
    fn loadB(d: u32, col: u32) -> f32 { ${product.loadB} }
    fn store(row: u32, col: u32, chunk: u32, value: f32) {
      if (row < ${rows}u && col < ${columns}u) { ${product.store} }
    }

    // A is kept depth by depth; the odd stride keeps its columns in different banks.
    var<workgroup> tileA: array<f32, ${STEP * (tileRows + 1)}>;
    var<workgroup> tileB: array<f32, ${STEP * (tileColumns + 1)}>;

    @compute @workgroup_size(${acrossX}, ${acrossY})
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>,
            @builtin(local_invocation_index) index: u32) {
      phase = group.z / ${split}u;
      let chunk = group.z % ${split}u;
      let end = min(${depth}u, (chunk + 1u) * ${chunk}u);
      let top = group.y * ${tileRows}u;
      let left = group.x * ${tileColumns}u;
      var sums = vec4<f32>(0.0);
      for (var base = chunk * ${chunk}u; base < end; base += ${STEP}u) {
        for (var i = index; i < ${tileRows * STEP}u; i += ${acrossX * acrossY}u) {
          let r = ${aRow};
          let d = ${aDepth};
          var a = 0.0;
          if (top + r < ${rows}u && base + d < end) { a = loadA(top + r, base + d); }
          tileA[d * ${tileRows + 1}u + r] = a;
        }
        for (var i = index; i < ${tileColumns * STEP}u; i += ${acrossX * acrossY}u) {
          let d = ${bDepth};
          let c = ${bColumn};
          var b = 0.0;
          if (left + c < ${columns}u && base + d < end) { b = loadB(base + d, left + c); }
          tileB[d * ${tileColumns + 1}u + c] = b;
        }
        workgroupBarrier();
        for (var k = 0u; k < ${STEP}u; k++) {
          let a = vec2<f32>(tileA[k * ${tileRows + 1}u + local.y], tileA[k * ${tileRows + 1}u + local.y + ${acrossY}u]);
          let b = vec2<f32>(tileB[k * ${tileColumns + 1}u + local.x], ${
            wide ? `tileB[k * ${tileColumns + 1}u + local.x + ${acrossX}u]` : "0.0"
          });
          sums += a.xxyy * b.xyxy;
        }
        workgroupBarrier();
      }
      for (var i = 0u; i < 4u; i += ${wide ? 1 : 2}u) {
        store(top + local.y + (i / 2u) * ${acrossY}u, left + local.x + (i % 2u) * ${acrossX}u, chunk, sums[i]);
      }
    }`;
  const workgroups = [Math.ceil(columns / tileColumns), Math.ceil(rows / tileRows), split * phases] as const;
  return { label, bindings, code, workgroups };
}

function tileOf(columns: number) {
  const wide = columns > TILE / 4;
  const acrossX = Math.min(TILE / 2, 2 ** Math.ceil(Math.log2(Math.max(1, wide ? columns / 2 : columns))));
  const acrossY = Math.min(2 * TILE, 256 / acrossX);
  return { wide, acrossX, acrossY, tileRows: 2 * acrossY, tileColumns: wide ? 2 * acrossX : acrossX };
}
