// A digit that the page drew itself, pixel for pixel.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { GreyImage } from "../../shared/image/raster.ts";

export function DigitCanvas({
  image,
  label,
  class: className,
}: {
  image: GreyImage | undefined;
  /** Says what it shows; without one it is decoration. */
  label?: string;
  class?: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width = 28, height = 28 } = image ?? {};
  useLayoutEffect(() => {
    if (image) paintGrey(canvas.current!, image);
  }, [image]);
  return (
    <canvas
      ref={canvas}
      class={`digit ${className ?? ""}`}
      width={width}
      height={height}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
}

/** Grey levels as they are, white ink on black. */
export function paintGrey(canvas: HTMLCanvasElement, { width, height, pixels }: GreyImage): void {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < pixels.length; i++)
    rgba.fill(pixels[i]!, 4 * i, 4 * i + 3).fill(255, 4 * i + 3, 4 * i + 4);
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, width, height), 0, 0);
}
