// Convolution as a matrix product: the patches under the kernel's positions as rows of a matrix (im2col), and the rows
// summed back to where they came from (col2im, overlap-add). Images are NHWC, and zero outside.

/**
 * Copies the patch of every output position into a row of the matrix
 * [images * outHeight * outWidth, kernelHeight * kernelWidth * channels]; or, in reverse, clears the images and adds every
 * row to them.
 * @param padTop, padLeft  pixels of zeros before the image
 */
export function movePatches(
  image: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  outHeight: i32,
  outWidth: i32,
  patches: usize,
  isReverse: bool,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>width * pixelBytes;
  const runBytes = <usize>kernelWidth * pixelBytes;
  const imageBytes = <usize>height * rowBytes;
  if (isReverse) memory.fill(image, 0, <usize>images * imageBytes);
  for (let i = 0; i < images; i++, image += imageBytes) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++) {
        const left = outX * strideX - padLeft;
        const skip = <usize>min(kernelWidth, max(0, -left)) * pixelBytes;
        const keep = <usize>max(0, min(width, left + kernelWidth) - max(0, left)) * pixelBytes;
        const column = image + <usize>max(0, left) * pixelBytes;
        for (let kernelY = 0; kernelY < kernelHeight; kernelY++, patches += runBytes) {
          const y = outY * strideY - padTop + kernelY;
          const isInside = y >= 0 && y < height;
          const at = column + <usize>y * rowBytes;
          if (isReverse) {
            if (isInside) add(at, patches + skip, keep);
          } else if (isInside) {
            clear(patches, skip);
            copy(patches + skip, at, keep);
            clear(patches + skip + keep, runBytes - skip - keep);
          } else {
            clear(patches, runBytes);
          }
        }
      }
    }
  }
}

// Runs are a few to a few hundred floats, too short to be worth a call of memory.copy.

function clear(to: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16) v128.store(to, f32x4.splat(0));
  for (; to < end; to += 4) store<f32>(to, 0);
}

function copy(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
}

function add(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
