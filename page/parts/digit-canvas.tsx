// Pixels that the page drew itself.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { mix, parseBackground, parseColour, type Style, WHITE_ON_BLACK } from "../../shared/image/colour.ts";
import type { Ink } from "../../shared/image/ink/ink.ts";
import type { Digit, GreyImage, RgbaImage } from "../../shared/image/raster.ts";
import type { Choices } from "../choices.ts";
import { usePage } from "../state.ts";

interface CanvasProps {
  readonly image: GreyImage | RgbaImage | undefined;
  /** Of grey levels; white on black by default. */
  readonly style?: Style;
  /** Says what it shows; without one it is decoration. */
  readonly label?: string;
  readonly class?: string;
}

export function PixelCanvas({ image, style, label, class: className }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (image) paint(canvas.current!.getContext("2d")!, image, style);
  }, [image, style]);
  return (
    <canvas
      ref={canvas}
      class={className}
      width={image?.width}
      height={image?.height}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
}

/** Sides of digits, pixels: about twice what they take on most screens. */
const SIDES = { huge: 512, film: 416, large: 360, small: 112 } as const;

interface DigitProps extends Omit<CanvasProps, "image" | "class" | "style"> {
  readonly image: Digit | undefined;
  /** Of the release that drew it. */
  readonly ink: Ink;
  readonly side?: keyof typeof SIDES;
}

/** A digit as the server draws it: in the chosen ink, on the chosen paper, by the chosen hand. */
export function DigitCanvas({ image, ink, side = "small", label }: DigitProps) {
  const { choices } = usePage();
  const { slant, weight } = choices;
  const style = useStyle(choices);
  const drawn = useMemo(
    () => image && ink.draw(image, SIDES[side], { slant, weight }),
    [image, ink, side, slant, weight],
  );
  const isClear = style.background === "transparent";
  const classes = ["digit", side !== "small" && "big", isClear && "checkered"].filter(Boolean).join(" ");
  return <PixelCanvas image={drawn} style={style} class={classes} {...(label !== undefined && { label })} />;
}

/** The chosen colours. */
export function useStyle({ ink, ground }: Pick<Choices, "ink" | "ground">): Style {
  return useMemo(
    () => ({ foreground: parseColour(ink), background: parseBackground(ground) }),
    [ink, ground],
  );
}

/** Colours, or grey levels in a style's. */
export function paint(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  { width, height, pixels }: GreyImage | RgbaImage,
  style: Style = WHITE_ON_BLACK,
): void {
  const area = width * height;
  const image = new ImageData(width, height);
  if (pixels.length > area) image.data.set(pixels);
  else {
    const colours = coloursOf(style);
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < area; i++) words[i] = colours[pixels[i]!]!;
  }
  context.putImageData(image, 0, 0);
}

/** The colour of each grey level, as a canvas stores it: red, green, blue, opacity. */
function coloursOf({ foreground, background }: Style): Uint32Array {
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let level = 0; level < 256; level++) {
    const colour =
      background === "transparent"
        ? [...foreground, level]
        : [...foreground.map((value, i) => mix(background[i]!, value, level)), 255];
    bytes.set(colour, 4 * level);
  }
  return new Uint32Array(bytes.buffer);
}
