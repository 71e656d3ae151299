// Sums of numbers that threads have exchanged, in the memory that they share.

/**
 * sums = row 0 + row 1 + ..., in float32 and in this order.
 * @param rows  address of the first row's numbers; those of the next row are `stride` bytes further
 * @param count  of rows
 * @param bytes  of numbers in each row
 */
export function addRows(rows: usize, count: i32, stride: usize, sums: usize, bytes: usize): void {
  const vectors = bytes & ~15;
  for (let at: usize = 0; at < vectors; at += 16) {
    let sum = v128.load(rows + at);
    let row = rows + at;
    for (let next = 1; next < count; next++) {
      row += stride;
      sum = f32x4.add(sum, v128.load(row));
    }
    v128.store(sums + at, sum);
  }
  for (let at = vectors; at < bytes; at += 4) {
    let sum = load<f32>(rows + at);
    let row = rows + at;
    for (let next = 1; next < count; next++) {
      row += stride;
      sum += load<f32>(row);
    }
    store<f32>(sums + at, sum);
  }
}
