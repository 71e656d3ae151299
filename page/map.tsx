// The latent explorer of a model with two latent dimensions: a map to move about on, and the digit that lies there,
// decoded in the page.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Mixture } from "../shared/latent/gaussian/mixture.ts";
import { classProbabilities } from "../shared/latent/gaussian/mixture-density.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { FailureNote } from "./parts/failure.tsx";
import { useLoaded, useNearness, useSettled } from "./parts/loading.ts";
import { decodeHere, Proof } from "./parts/proof.tsx";
import { Waiting } from "./parts/waiting.tsx";
import { classPlaces, MAP_SIDE, type Plane, paintPlane, placeAt, planeOf, round, sharesOf } from "./plane.ts";
import { loadRelease, modelFor, type Release } from "./releases.ts";
import { usePage } from "./state.ts";

/** Steps of the arrow keys, as shares of half the map's side. */
const STEP = 0.02;
const LARGE_STEP = 0.1;
/** Screen readers are told once the mark rests. */
const REST_MS = 500;

export type Mapped = Release & { readonly mixture: Mixture };

/** Whether a release can be shown as a map. */
export const isMapped = (release: Release): release is Mapped => release.mixture !== undefined;

export function MapSection() {
  const { state, t } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const model =
    state.models.status === "ready"
      ? modelFor(state.models.value, state.choices.model, ({ spec }) => latentDim(spec) === 2)
      : undefined;
  const release = useLoaded(isNear ? model : undefined, loadRelease);
  return (
    <section id="map" aria-labelledby="map-title" ref={ref}>
      <div class="section-head">
        <h2 id="map-title">{t.map.title}</h2>
        <p class="lede">{t.map.lede}</p>
      </div>
      {state.models.status === "failed" ? (
        <FailureNote failure={state.models.failure} />
      ) : state.models.status === "ready" && !model ? (
        <p class="note">{t.map.none}</p>
      ) : release.status === "failed" ? (
        <FailureNote failure={release.failure} />
      ) : release.status === "ready" && isMapped(release.value) ? (
        <Explorer release={release.value} />
      ) : release.status === "ready" ? (
        <p class="note">{t.map.none}</p>
      ) : (
        <Waiting />
      )}
    </section>
  );
}

function Explorer({ release }: { release: Mapped }) {
  const { state, t, choose } = usePage();
  const plane = useMemo(() => planeOf(release.mixture), [release]);
  const place = state.choices.place ?? startOf(release);
  const [x, y] = place;
  const digit = useMemo(() => decodeHere(release, Float32Array.of(x, y)), [release, x, y]);
  const reading = useSettled(
    useMemo(() => readAt(release.mixture, [x, y]), [release, x, y]),
    REST_MS,
  );
  const slider = (axis: 0 | 1, label: string) => (
    <label>
      <span>
        {label} <output>{place[axis].toFixed(2)}</output>
      </span>
      <input
        type="range"
        min={round(plane.centre[axis] - plane.halfSide)}
        max={round(plane.centre[axis] + plane.halfSide)}
        step={0.001}
        value={place[axis]}
        onInput={(event) => {
          const { valueAsNumber } = event.currentTarget;
          choose({ place: axis === 0 ? [valueAsNumber, y] : [x, valueAsNumber] });
        }}
      />
    </label>
  );
  return (
    <div class="explorer">
      <MapBoard release={release} plane={plane} place={place} onMove={(next) => choose({ place: next })} />
      <div class="beside">
        <DigitCanvas image={digit.image} label={t.map.digitAt} class="big" />
        <p class="reading" role="status">
          {t.map.lookslike(reading.digit, reading.percent)}
        </p>
        <Proof digit={digit} />
        {slider(0, t.map.across)}
        {slider(1, t.map.up)}
      </div>
    </div>
  );
}

/** In the middle of the land of sevens, or of the first class that there is. */
function startOf({ mixture }: Mapped): readonly [number, number] {
  const places = classPlaces(mixture);
  const { place } = places.find(({ digit }) => digit === 7) ?? places[0]!;
  return [round(place[0]!), round(place[1]!)];
}

/** The likeliest class at a place, and how likely; what would round to a hundred is said to be above 99. */
export function readAt(mixture: Mixture, latent: ArrayLike<number>): { digit: number; percent: string } {
  const shares = classProbabilities(mixture, latent);
  const best = Math.max(...shares);
  return { digit: shares.indexOf(best), percent: best >= 0.995 ? "> 99" : String(Math.round(100 * best)) };
}

/**
 * The painted map with a mark.
 * @param onMove  without it, the map only shows
 */
export function MapBoard({
  release,
  plane,
  place,
  onMove,
  label,
}: {
  release: Mapped;
  plane: Plane;
  place: ArrayLike<number>;
  onMove?: (place: [number, number]) => void;
  label?: string;
}) {
  const { t } = usePage();
  const canvas = useRef<HTMLCanvasElement>(null);
  const board = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const painted = paintPlane(plane, release.mixture, release.decoder);
    canvas.current!.getContext("2d")!.putImageData(new ImageData(painted, MAP_SIDE, MAP_SIDE), 0, 0);
  }, [release, plane]);

  const moveTo = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width, height } = board.current!.getBoundingClientRect();
    onMove?.(within(plane, placeAt(plane, (clientX - left) / width, (clientY - top) / height)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const step = plane.halfSide * (event.shiftKey ? LARGE_STEP : STEP);
    onMove?.(within(plane, [round(place[0]! + way[0] * step), round(place[1]! + way[1] * step)]));
  };
  // What lies beyond the map is marked at its edge.
  const mark = sharesOf(plane, within(plane, [place[0]!, place[1]!]));
  const names = classPlaces(release.mixture).map(({ digit, place: at }) => {
    const { x, y } = sharesOf(plane, at);
    return (
      <span key={digit} class="land" style={{ left: `${100 * x}%`, top: `${100 * y}%` }} aria-hidden="true">
        {digit}
      </span>
    );
  });
  const live = onMove && {
    role: "application" as const,
    tabIndex: 0,
    onKeyDown,
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      moveTo(event);
    },
    onPointerMove: (event: PointerEvent) => {
      if (event.buttons > 0) moveTo(event);
    },
  };
  return (
    <div
      ref={board}
      class={onMove ? "map live" : "map"}
      role="img"
      aria-label={label ?? t.map.region}
      {...live}
    >
      <canvas ref={canvas} width={MAP_SIDE} height={MAP_SIDE} />
      {names}
      <span class="mark" style={{ left: `${100 * mark.x}%`, top: `${100 * mark.y}%` }} />
    </div>
  );
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The nearest place of the map: a pointer that is dragged beyond the edge stays on it. */
function within({ centre, halfSide }: Plane, place: readonly [number, number]): [number, number] {
  const limit = (i: 0 | 1) => round(Math.min(Math.max(place[i], centre[i] - halfSide), centre[i] + halfSide));
  return [limit(0), limit(1)];
}
