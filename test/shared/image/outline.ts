// Reads the paths that svg.ts writes, and fills them: an independent view of what a browser shows.

type Point = [x: number, y: number];

/** Rings of an SVG's ink path in pixels of the image, its curves flattened. */
export function flattenInk(svg: string): Point[][] {
  const data = /transform="scale\(([\d.]+)\)" d="([^"]*)"/.exec(svg);
  if (!data) return [];
  const scale = Number(data[1]);
  const rings: Point[][] = [];
  for (const [, subpath] of data[2]!.matchAll(/(M[^z]*)z/g)) {
    const commands = [...subpath!.matchAll(/([Mqt])([^Mqt]*)/g)];
    let at: Point = [0, 0];
    let control: Point = at;
    const ring: Point[] = [];
    for (const [, command, text] of commands) {
      const numbers = text!.match(/-?\d+/g)!.map(Number);
      const perPiece = command === "q" ? 4 : 2;
      for (let i = 0; i < numbers.length; i += perPiece) {
        const last: Point = [numbers[i + perPiece - 2]!, numbers[i + perPiece - 1]!];
        if (command === "M") {
          at = last;
          continue;
        }
        const [x, y] = at;
        control =
          command === "q" ? [x + numbers[0]!, y + numbers[1]!] : [2 * x - control[0], 2 * y - control[1]];
        const end: Point = [x + last[0], y + last[1]];
        for (let t = 0.125; t <= 1; t += 0.125) {
          const blend = (k: 0 | 1) =>
            (1 - t) * (1 - t) * at[k] + 2 * t * (1 - t) * control[k] + t * t * end[k];
          ring.push([scale * blend(0), scale * blend(1)]);
        }
        at = end;
      }
    }
    rings.push(ring);
  }
  return rings;
}

/** Even-odd rule. */
export function isInside(rings: readonly Point[][], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    ring.forEach(([x1, y1], i) => {
      const [x0, y0] = ring.at(i - 1)!;
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
    });
  }
  return inside;
}

/** Area by the even-odd rule where rings are holes of others and cross none: signed areas, pixels squared. */
export function inkArea(rings: readonly Point[][]): number {
  let twice = 0;
  for (const ring of rings) {
    ring.forEach(([x1, y1], i) => {
      const [x0, y0] = ring.at(i - 1)!;
      twice += x0 * y1 - x1 * y0;
    });
  }
  return Math.abs(twice) / 2;
}

/** Share of each pixel that an SVG's ink covers, [size, size], by four lines a pixel. @param side  of the image that was traced */
export function fillPath(svg: string, side: number, size: number): Float64Array {
  const rings = flattenInk(svg).map((ring) =>
    ring.map(([x, y]) => [(x * size) / side, (y * size) / side] as const),
  );
  const covered = new Float64Array(size * size);
  const crossings: number[][] = Array.from({ length: 4 * size }, () => []);
  for (const ring of rings) {
    ring.forEach(([x1, y1], i) => {
      const [x0, y0] = ring.at(i - 1)!;
      const [top, bottom] = y0 < y1 ? [y0, y1] : [y1, y0];
      const last = Math.min(crossings.length, Math.ceil(4 * bottom - 0.5));
      for (let line = Math.max(0, Math.ceil(4 * top - 0.5)); line < last; line++) {
        crossings[line]!.push(x0 + ((x1 - x0) * ((line + 0.5) / 4 - y0)) / (y1 - y0));
      }
    });
  }
  crossings.forEach((places, line) => {
    const row = Math.floor(line / 4) * size;
    const sorted = places.toSorted((a, b) => a - b);
    for (let i = 0; i + 1 < sorted.length; i += 2) {
      const [from, to] = [Math.max(0, sorted[i]!), Math.min(size, sorted[i + 1]!)];
      for (let x = Math.floor(from); x < to; x++) {
        covered[row + x]! += (Math.min(to, x + 1) - Math.max(from, x)) / 4;
      }
    }
  });
  return covered;
}
