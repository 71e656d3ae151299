// Rows of a PNG as they were before they were filtered. PNG (Third Edition), 9.2, https://www.w3.org/TR/png-3/#9Filters

import { ImageError } from "../../shared/errors.ts";
import { paeth } from "../../shared/image/filter.ts";

/**
 * Undoes the filters of rows, in place. Bytes outside of the image are 0.
 * @param rows  each behind the byte that names its filter, which stays
 * @param stride  bytes of a row, with its filter's
 * @param pixelBytes  distance of the byte to the left: of a whole pixel, at least 1
 * @throws ImageError for a filter that the standard does not have
 */
export function unfilterRows(rows: Uint8Array, stride: number, pixelBytes: number): void {
  let above: Uint8Array = new Uint8Array(stride);
  for (let at = 0; at < rows.length; at += stride) {
    const row = rows.subarray(at, at + stride);
    unfilterRow(row, above, pixelBytes);
    above = row;
  }
}

function unfilterRow(row: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  const first = 1 + pixelBytes;
  switch (row[0]) {
    case 0:
      return;
    case 1:
      for (let i = first; i < row.length; i++) row[i]! += row[i - pixelBytes]!;
      return;
    case 2:
      for (let i = 1; i < row.length; i++) row[i]! += above[i]!;
      return;
    case 3:
      for (let i = 1; i < row.length; i++) {
        const left = i < first ? 0 : row[i - pixelBytes]!;
        row[i]! += (left + above[i]!) >> 1;
      }
      return;
    case 4:
      for (let i = 1; i < row.length; i++) {
        const left = i < first ? 0 : row[i - pixelBytes]!;
        const upperLeft = i < first ? 0 : above[i - pixelBytes]!;
        row[i]! += paeth(left, above[i]!, upperLeft);
      }
      return;
    default:
      throw new ImageError(`the PNG has a row with filter ${row[0]}; filters are 0 to 4`);
  }
}
