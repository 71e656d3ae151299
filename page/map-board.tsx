// The painted map: lands, digits, dots of real digits, landmarks, and a mark that is moved by tapping, dragging or keys.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { PixelCanvas } from "./parts/digit-canvas.tsx";
import { CLASS_COLOURS, classPlaces, type Plane, paintMap, placeAt, sharesOf, within } from "./plane.ts";
import type { Release } from "./releases.ts";
import { usePage } from "./state.ts";
import type { TestDigit } from "./test-digits.ts";

/** Steps of the arrow keys, as shares of half the map's side. */
const STEP = 0.02;
const LARGE_STEP = 0.1;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
const DOTS_SIDE = 1024;
const DOT_RADIUS = 5;
/** How near a pointer is to a dot that it means, as a share of the map's side. */
const NEAR = 0.02;

export interface Landmark {
  readonly name: string;
  readonly kind: "word" | "drawing";
  readonly place: readonly number[];
}

interface MapBoardProps {
  readonly release: Release;
  readonly landmarks: readonly Landmark[];
  readonly dots: readonly TestDigit[] | undefined;
  readonly place: readonly [number, number];
  readonly onMove: (place: [number, number]) => void;
  /** Receives the dot under the pointer. */
  readonly onPoint: (dot: TestDigit | undefined) => void;
}

export function MapBoard({ release, landmarks, dots, place, onMove, onPoint }: MapBoardProps) {
  const { t } = usePage();
  const mixture = release.mixture!;
  const { plane, ground, digits } = useMemo(() => paintMap(release.decoder, mixture), [release]);
  const lands = useMemo(() => classPlaces(mixture), [mixture]);
  const at = (position: ArrayLike<number>) => {
    const { x, y } = sharesOf(plane, position);
    return { left: `${100 * x}%`, top: `${100 * y}%` };
  };
  const point = ({ clientX, clientY, currentTarget, buttons }: PointerEvent) => {
    if (buttons > 0 || !dots) return;
    const { left, top, width } = (currentTarget as HTMLElement).getBoundingClientRect();
    const distance = (dot: TestDigit) => {
      const { x, y } = sharesOf(plane, dot.place);
      return Math.hypot(x - (clientX - left) / width, y - (clientY - top) / width);
    };
    const nearest = dots.reduce((best, dot) => (distance(dot) < distance(best) ? dot : best));
    onPoint(distance(nearest) < NEAR ? nearest : undefined);
  };
  return (
    <div
      class="map"
      {...{ role: "application", tabIndex: 0, "aria-label": t.map.region }}
      onPointerMove={point}
      {...controls(plane, place, onMove)}
    >
      <PixelCanvas image={ground} />
      <PixelCanvas image={digits} />
      {dots && <Dots dots={dots} plane={plane} />}
      {lands.map((land) => (
        <span key={land.digit} class="land" style={at(land.place)} aria-hidden="true">
          {land.digit}
        </span>
      ))}
      {landmarks.map(({ kind, name, place: where }) => (
        <span key={kind} class={`landmark ${kind}`} style={at(within(plane, where))} aria-hidden="true">
          <span>{name}</span>
        </span>
      ))}
      {/* What lies beyond the map is marked at its edge. */}
      <span class="mark" style={at(within(plane, place))} />
    </div>
  );
}

function Dots({ dots, plane }: { dots: readonly TestDigit[]; plane: Plane }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const brush = canvas.current!.getContext("2d")!;
    brush.clearRect(0, 0, DOTS_SIDE, DOTS_SIDE);
    brush.strokeStyle = "#fff";
    brush.lineWidth = 1.5;
    for (const { digit, place } of dots) {
      const { x, y } = sharesOf(plane, place);
      brush.fillStyle = `rgb(${CLASS_COLOURS[digit]!.join()})`;
      brush.beginPath();
      brush.arc(x * DOTS_SIDE, y * DOTS_SIDE, DOT_RADIUS, 0, 7);
      brush.fill();
      brush.stroke();
    }
  }, [dots, plane]);
  return (
    <canvas ref={canvas} class="dots" width={DOTS_SIDE} height={DOTS_SIDE} {...{ "aria-hidden": true }} />
  );
}

/**
 * A tap, a click or a press of the mouse sets the mark, arrow keys move it, and so does dragging: anywhere by mouse, by the mark
 * itself with a finger, whose swipes scroll the page elsewhere.
 */
function controls(plane: Plane, place: readonly [number, number], onMove: (place: [number, number]) => void) {
  const moveTo = ({ clientX, clientY, currentTarget }: MouseEvent) => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    onMove(within(plane, placeAt(plane, (clientX - left) / width, (clientY - top) / height)));
  };
  const isOnMark = ({ target }: Event) => (target as HTMLElement).classList.contains("mark");
  return {
    onKeyDown: (event: KeyboardEvent) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      const step = plane.halfSide * (event.shiftKey ? LARGE_STEP : STEP);
      onMove(within(plane, [place[0] + way[0] * step, place[1] + way[1] * step]));
    },
    onClick: moveTo,
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || (event.pointerType === "touch" && !isOnMark(event))) return;
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      moveTo(event);
    },
    onPointerMoveCapture: (event: PointerEvent) => {
      const board = event.currentTarget as HTMLElement;
      if (event.buttons === 1 && board.hasPointerCapture(event.pointerId)) moveTo(event);
    },
  };
}
