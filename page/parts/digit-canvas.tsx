// Pixels that the page drew itself.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { PLAIN_HAND } from "../../shared/image/ink/hand.ts";
import type { Ink } from "../../shared/image/ink/ink.ts";
import type { Digit, GreyImage, RgbaImage } from "../../shared/image/raster.ts";

interface CanvasProps {
  readonly image: GreyImage | RgbaImage | undefined;
  /** Says what it shows; without one it is decoration. */
  readonly label?: string;
  readonly class?: string;
}

export function PixelCanvas({ image, label, class: className }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (image) paint(canvas.current!, image);
  }, [image]);
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

/** Sides of digits that are shown large and small, pixels: twice what they take on most screens. */
const LARGE = 360;
const SMALL = 112;

interface DigitProps extends Omit<CanvasProps, "image" | "class"> {
  readonly image: Digit | undefined;
  /** Of the release that drew it. */
  readonly ink: Ink;
  readonly isLarge?: boolean;
}

/** A digit in ink, as the server draws it. */
export function DigitCanvas({ image, ink, isLarge = false, ...canvas }: DigitProps) {
  const drawn = useMemo(
    () => image && ink.draw(image, isLarge ? LARGE : SMALL, PLAIN_HAND),
    [image, ink, isLarge],
  );
  return <PixelCanvas {...canvas} image={drawn} class={isLarge ? "digit big" : "digit"} />;
}

/** Colours, or grey levels as they are: white ink on black. */
export function paint(canvas: HTMLCanvasElement, { width, height, pixels }: GreyImage | RgbaImage): void {
  const area = width * height;
  const rgba = new Uint8ClampedArray(4 * area).fill(255);
  if (pixels.length > area) rgba.set(pixels);
  else {
    for (let i = 0, at = 0; i < area; i++, at += 4) rgba[at] = rgba[at + 1] = rgba[at + 2] = pixels[i]!;
  }
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, width, height), 0, 0);
}
