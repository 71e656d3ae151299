// Drawing with a mouse, a pen or a finger on a canvas.

import { useRef } from "preact/hooks";
import { formatColour, type Style, WHITE_ON_BLACK } from "../../shared/image/colour.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { paint } from "./digit-canvas.tsx";

/** Side of the pad, pixels. */
export const PAD_SIDE = 280;
const PEN = 20;
/** Least time between readings of the drawing while the pen moves. */
const READ_EVERY_MS = 80;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
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
  style: Style,
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
      paintStroke(padContext(pad.current!), stroke.current.points, style);
    },
    onPointerMove: (event: PointerEvent) => {
      const { pointer, points } = stroke.current ?? {};
      if (!points || pointer !== event.pointerId) return;
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length > 0 ? moves : [event]) {
        points.push(placeOf(move));
        paintStroke(padContext(pad.current!), points.slice(-2), style);
      }
      if (event.timeStamp - readAtMs.current < READ_EVERY_MS) return;
      readAtMs.current = event.timeStamp;
      tell();
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  };
}

/** Its pixels stay in memory: what is drawn with scripts looks alike on every pad. */
const padContext = (canvas: HTMLCanvasElement) => canvas.getContext("2d", { willReadFrequently: true })!;

function paintStroke(context: Context, points: Stroke, { foreground }: Style): void {
  const [x, y] = points[0]!;
  // A line without length would not be drawn.
  const isDot = points.every((point) => point[0] === x && point[1] === y);
  const strokeStyle = `#${formatColour(foreground)}`;
  Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle });
  context.beginPath();
  context.moveTo(x, y);
  for (const point of isDot ? [[x + 0.01, y] as const] : points) context.lineTo(...point);
  context.stroke();
}

export function paintPad(canvas: HTMLCanvasElement, drawing: Drawing, style: Style): void {
  paintDrawing(padContext(canvas), drawing, style);
}

function paintDrawing(context: Context, { picture, strokes }: Drawing, style: Style): void {
  context.clearRect(0, 0, PAD_SIDE, PAD_SIDE);
  if (style.background !== "transparent") {
    context.fillStyle = `#${formatColour(style.background)}`;
    context.fillRect(0, 0, PAD_SIDE, PAD_SIDE);
  }
  if (picture) paint(context, picture, style);
  for (const stroke of strokes) paintStroke(context, stroke, style);
}

/** The drawing in white on black, whatever the pad's colours. @returns a canvas of PAD_SIDE x PAD_SIDE, and its pixels */
export function paintWhite(drawing: Drawing) {
  const canvas = new OffscreenCanvas(PAD_SIDE, PAD_SIDE);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  paintDrawing(context, drawing, WHITE_ON_BLACK);
  return { canvas, pixels: context.getImageData(0, 0, PAD_SIDE, PAD_SIDE).data };
}
