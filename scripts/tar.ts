// Extracts a file from a tar archive: blocks of 512 bytes, with a header of name and octal size before each file (POSIX ustar).

/** @throws Error if the archive has no such file */
export function fileFromTar(archive: Buffer, name: string): Buffer {
  for (let at = 0; at + 512 <= archive.length; ) {
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 136), 8) || 0;
    const found = archive.toString("latin1", at, at + 100).split("\0")[0]!;
    if (found.replace(/^\.\//, "") === name) return archive.subarray(at + 512, at + 512 + size);
    at += 512 + 512 * Math.ceil(size / 512);
  }
  throw new Error(`no ${name} in the archive`);
}
