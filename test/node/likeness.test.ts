// Which drawings the bundled default model takes for digits: real ones, those that a pen draws on the pad, and scribbles.

import { beforeAll, expect, it } from "vitest";
import kernels from "../../build/decode-kernels.wasm";
import { looksLikeDigit } from "../../page/likeness.ts";
import { fitDigit } from "../../shared/image/fit/fit-digit.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { fromMemory, type OpenRelease, openEncoder, openRelease } from "../../shared/release/open.ts";
import { loadDataset, MNIST } from "../../trainer/data/dataset.ts";
import { readDefaultRelease } from "../../trainer/publish/publish.ts";
import { DIGITS, SCRIBBLES, type Strokes } from "../strokes.ts";

let release: OpenRelease;
let encoder: Awaited<ReturnType<typeof openEncoder>>;
beforeAll(async () => {
  const { card, files } = await readDefaultRelease("models");
  const read = fromMemory(new Map(files));
  [release, encoder] = await Promise.all([
    openRelease(card, read, kernels),
    openEncoder(card, read, kernels),
  ]);
});

/** Side of the pad and width of its pen, pixels. */
const [PAD, PEN] = [280, 20];

/** Strokes as the pad has them, in MNIST's form. */
function onPad(strokes: Strokes): GreyImage {
  const pixels = new Uint8Array(4 * PAD * PAD).fill(255);
  const levels = new Uint8Array(PAD * PAD);
  const press = (x: number, y: number) => {
    for (let row = Math.floor(y - PEN); row < y + PEN; row++) {
      for (let column = Math.floor(x - PEN); column < x + PEN; column++) {
        if (row < 0 || column < 0 || row >= PAD || column >= PAD) continue;
        const inside = PEN / 2 + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const at = row * PAD + column;
        levels[at] = Math.max(levels[at]!, 255 * Math.min(1, Math.max(0, inside)));
      }
    }
  };
  for (const points of strokes) {
    points.slice(1).forEach(([x, y], i) => {
      const [fromX, fromY] = points[i]!;
      const steps = Math.ceil(PAD * Math.hypot(x - fromX, y - fromY));
      for (let step = 0; step <= steps; step++) {
        const share = step / steps;
        press(PAD * (fromX + share * (x - fromX)), PAD * (fromY + share * (y - fromY)));
      }
    });
  }
  levels.forEach((level, i) => {
    pixels.fill(level, 4 * i, 4 * i + 3);
  });
  return fitDigit({ width: PAD, height: PAD, pixels }).image;
}

function look(drawn: GreyImage) {
  const { latent } = release.latent.encode(
    encoder.encode(Float32Array.from(drawn.pixels, (level) => level / 255)),
  );
  const shares = release.latent.readDigit!(latent);
  return {
    digit: shares.indexOf(Math.max(...shares)),
    isDigit: looksLikeDigit(drawn, release.decoder.image(latent), shares),
  };
}

it("hardly any of MNIST's test images looks like no digit", async () => {
  const { width, height, pixels } = await loadDataset(MNIST, "t10k");
  const size = width * height;
  const count = 1000;
  const refused = Array.from({ length: count }, (_, i) =>
    look({ width, height, pixels: pixels.slice(i * size, (i + 1) * size) }),
  ).filter(({ isDigit }) => !isDigit);
  expect(refused.length / count).toBeLessThan(0.02);
});

it.each(DIGITS.map((strokes, digit) => ({ strokes, digit })))(
  "a drawn $digit is one",
  ({ strokes, digit }) => {
    expect(look(onPad(strokes))).toEqual({ digit, isDigit: true });
  },
);

it("most scribbles look like no digit; what passes for one is like one", { tags: ["slow"] }, () => {
  const passed = Object.keys(SCRIBBLES).filter((name) => look(onPad(SCRIBBLES[name]!)).isDigit);
  expect(passed.length).toBeLessThan(0.4 * Object.keys(SCRIBBLES).length);
  for (const name of ["zigzag", "spiral", "hash", "letter W"]) expect(passed).not.toContain(name);
});
