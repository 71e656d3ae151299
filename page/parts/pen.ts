// Drawing with a mouse, a pen or a finger on a canvas, and reading it in MNIST's form.

import { useLayoutEffect, useRef } from "preact/hooks";
import { EmptyImageError } from "../../shared/errors.ts";
import { fitDigit } from "../../shared/image/fit/fit-digit.ts";
import type { GreyImage } from "../../shared/image/raster.ts";

/** Side of the canvas, pixels. */
export const PAD_SIDE = 280;
const PEN = 20;
/** Least time between readings of the drawing while the pen moves. */
const READ_EVERY_MS = 80;

type Point = readonly [x: number, y: number];

/**
 * Pointers that draw white lines on a black pad.
 * @param onRead  receives the drawing so far, fitted
 */
export function usePen(
  pad: { readonly current: HTMLCanvasElement | null },
  onRead: (image: GreyImage) => void,
) {
  const last = useRef<Point | undefined>(undefined);
  const readAtMs = useRef(0);
  useLayoutEffect(() => clearPad(pad.current!), [pad]);
  const drawTo = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width, height } = pad.current!.getBoundingClientRect();
    const next: Point = [((clientX - left) / width) * PAD_SIDE, ((clientY - top) / height) * PAD_SIDE];
    line(context(pad.current!), last.current ?? next, next);
    last.current = next;
  };
  const read = () => {
    const image = readPad(pad.current!);
    if (image) onRead(image);
  };
  const lift = () => {
    last.current = undefined;
    read();
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      pad.current!.setPointerCapture(event.pointerId);
      drawTo(event);
    },
    onPointerMove: (event: PointerEvent) => {
      if (!last.current) return;
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length > 0 ? moves : [event]) drawTo(move);
      if (event.timeStamp - readAtMs.current < READ_EVERY_MS) return;
      readAtMs.current = event.timeStamp;
      read();
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  };
}

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  return canvas.getContext("2d", { willReadFrequently: true })!;
}

function line(pen: CanvasRenderingContext2D, from: Point, to: Point): void {
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
}

/** The drawing in MNIST's form, by the same steps as /encode; undefined if nothing is drawn. */
export function readPad(canvas: HTMLCanvasElement): GreyImage | undefined {
  const { width, height, data } = context(canvas).getImageData(0, 0, PAD_SIDE, PAD_SIDE);
  try {
    return fitDigit({ width, height, pixels: data }).image;
  } catch (error) {
    if (error instanceof EmptyImageError) return undefined;
    throw error;
  }
}

export function clearPad(canvas: HTMLCanvasElement): void {
  context(canvas).fillRect(0, 0, PAD_SIDE, PAD_SIDE);
}
