// The files of a data set in MNIST's form, IDX (LeCun, Cortes & Burges 1998): big-endian; magic 0x0000 08 rank, one uint32
// for each dimension, then bytes. http://yann.lecun.com/exdb/mnist/

/** Training and test images. */
export const PARTS = ["train", "t10k"] as const;
export type Part = (typeof PARTS)[number];

export const IDX_FILES = PARTS.flatMap((part) => [imagesFile(part), labelsFile(part)]);
export type IdxFile = (typeof IDX_FILES)[number];

/** uint8 [count, height, width]; 0 is background and 255 ink. */
export function imagesFile<P extends Part>(part: P) {
  return `${part}-images-idx3-ubyte` as const;
}

/** uint8 [count], 0 to 9. */
export function labelsFile<P extends Part>(part: P) {
  return `${part}-labels-idx1-ubyte` as const;
}

/** What an IDX file of unsigned bytes begins with. */
export function idxHeader(shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(4 + 4 * shape.length);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((length, axis) => {
    view.setUint32(4 + 4 * axis, length);
  });
  return header;
}
