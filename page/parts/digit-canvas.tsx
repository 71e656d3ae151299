// Pixels that the page drew itself.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { GreyImage, RgbaImage } from "../../shared/image/raster.ts";

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

export const DigitCanvas = ({ class: className = "", ...canvas }: CanvasProps) => (
  <PixelCanvas {...canvas} class={`digit ${className}`} />
);

/** Colours, or grey levels as they are: white ink on black. */
export function paint(canvas: HTMLCanvasElement, { width, height, pixels }: GreyImage | RgbaImage): void {
  const area = width * height;
  const rgba = new Uint8ClampedArray(4 * area).fill(255);
  if (pixels.length > area) rgba.set(pixels);
  else for (let i = 0; i < area; i++) rgba.fill(pixels[i]!, 4 * i, 4 * i + 3);
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, width, height), 0, 0);
}
