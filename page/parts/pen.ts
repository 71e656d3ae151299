// Drawing with a mouse, a pen or a finger on a canvas.

import { useRef } from "preact/hooks";
import type { GreyImage } from "../../shared/image/raster.ts";
import { paint } from "./digit-canvas.tsx";

/** Side of the pad, pixels. */
export const PAD_SIDE = 280;
const PEN = 20;
/** Least time between readings of the drawing while the pen moves. */
const READ_EVERY_MS = 80;

type Point = readonly [x: number, y: number];
/** A line of the pen; a single point is a dot. */
type Stroke = readonly Point[];

/** What is on the pad: strokes, over a picture that was put there. */
export interface Drawing {
  readonly picture?: GreyImage;
  readonly strokes: readonly Stroke[];
}

export const BLANK: Drawing = { strokes: [] };

/**
 * A pen on a pad: the first finger or the main button draws, others do nothing.
 * @param drawing  so far
 * @param onDraw  receives it with what is drawn; often, while the pen moves
 */
export function usePen(
  pad: { readonly current: HTMLCanvasElement | null },
  drawing: Drawing,
  onDraw: (drawing: Drawing) => void,
) {
  const stroke = useRef<
    { readonly pointer: number; readonly before: Drawing; readonly points: Point[] } | undefined
  >(undefined);
  const readAtMs = useRef(0);
  const placeOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = pad.current!.getBoundingClientRect();
    return [((clientX - left) / width) * PAD_SIDE, ((clientY - top) / height) * PAD_SIDE];
  };
  const tell = () => {
    const { before, points } = stroke.current!;
    onDraw({ ...before, strokes: [...before.strokes, [...points]] });
  };
  const lift = ({ pointerId }: PointerEvent) => {
    if (stroke.current?.pointer !== pointerId) return;
    tell();
    stroke.current = undefined;
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      if (stroke.current || event.button !== 0) return;
      pad.current!.setPointerCapture(event.pointerId);
      stroke.current = { pointer: event.pointerId, before: drawing, points: [placeOf(event)] };
      paintStroke(pad.current!, stroke.current.points);
    },
    onPointerMove: (event: PointerEvent) => {
      const { pointer, points } = stroke.current ?? {};
      if (!points || pointer !== event.pointerId) return;
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length > 0 ? moves : [event]) {
        points.push(placeOf(move));
        paintStroke(pad.current!, points.slice(-2));
      }
      if (event.timeStamp - readAtMs.current < READ_EVERY_MS) return;
      readAtMs.current = event.timeStamp;
      tell();
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  };
}

export function padContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  return canvas.getContext("2d", { willReadFrequently: true })!;
}

function paintStroke(canvas: HTMLCanvasElement, points: Stroke): void {
  const pen = padContext(canvas);
  const [x, y] = points[0]!;
  // A line without length would not be drawn.
  const isDot = points.every((point) => point[0] === x && point[1] === y);
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
  pen.beginPath();
  pen.moveTo(x, y);
  for (const point of isDot ? [[x + 0.01, y] as const] : points) pen.lineTo(...point);
  pen.stroke();
}

/** White on black. */
export function paintDrawing(canvas: HTMLCanvasElement, { picture, strokes }: Drawing): void {
  padContext(canvas).fillRect(0, 0, PAD_SIDE, PAD_SIDE);
  if (picture) paint(canvas, picture);
  for (const stroke of strokes) paintStroke(canvas, stroke);
}
