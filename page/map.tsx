// The latent explorer for a model with two latent dimensions: a map to move about on, and the digit at the mark, decoded
// in the page.

import { useMemo } from "preact/hooks";
import type { Mixture } from "../shared/latent/gaussian/mixture.ts";
import { classProbabilities } from "../shared/latent/gaussian/mixture-density.ts";
import { latentDim } from "../shared/latent/kind.ts";
import type { Card } from "../shared/release/release.ts";
import { Slider } from "./parts/controls.tsx";
import { DigitCanvas, PixelCanvas } from "./parts/digit-canvas.tsx";
import { useSettled } from "./parts/loading.ts";
import { decodeHere, Proof } from "./parts/proof.tsx";
import { ModelSection } from "./parts/section.tsx";
import { classPlaces, type Plane, paintMap, placeAt, planeOf, round, sharesOf, within } from "./plane.ts";
import { hasMixture, loadRelease, type Release } from "./releases.ts";
import { usePage } from "./state.ts";

/** Steps of the arrow keys, as shares of half the map's side. */
const STEP = 0.02;
const LARGE_STEP = 0.1;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
/** Screen readers announce the reading once the mark rests. */
const REST_MS = 500;

/** Whether a model with this card has a map. */
export const hasMap = (card: Card) => latentDim(card.spec) === 2 && hasMixture(card);

export function MapSection() {
  const { t } = usePage();
  return (
    <ModelSection id="map" lede={(model) => t.map.lede(model?.name ?? "")} suits={hasMap} load={loadRelease}>
      {(release) => <Explorer release={release} />}
    </ModelSection>
  );
}

function Explorer({ release }: { release: Release }) {
  const { t, decimals, choices, choose } = usePage();
  const mixture = release.mixture!;
  const plane = useMemo(() => planeOf(mixture), [mixture]);
  const [x, y] = choices.place ?? startOf(mixture);
  const digit = useMemo(() => decodeHere(release, Float32Array.of(x, y)), [release, x, y]);
  const reading = useSettled(
    useMemo(() => likeliest(classProbabilities(mixture, [x, y])), [mixture, x, y]),
    REST_MS,
  );
  const slider = (label: string, axis: 0 | 1, value: number) => (
    <Slider
      label={label}
      output={decimals(value, 2)}
      range={[round(plane.centre[axis] - plane.halfSide), round(plane.centre[axis] + plane.halfSide), 0.001]}
      value={value}
      onSlide={(next) => choose({ place: axis === 0 ? [next, y] : [x, next] })}
    />
  );
  return (
    <div class="explorer">
      <MapBoard release={release} place={[x, y]} label={t.map.region} onMove={(place) => choose({ place })} />
      <div class="beside">
        <DigitCanvas image={digit.image} ink={release.ink} label={t.map.digitAt} isLarge />
        <p class="reading" role="status">
          {t.map.looksLike(reading.digit, reading.percent)}
        </p>
        <Proof digit={digit} />
        {slider(t.map.across, 0, x)}
        {slider(t.map.up, 1, y)}
      </div>
    </div>
  );
}

/** The middle of the sevens, or of the first class that has components. */
function startOf(mixture: Mixture): readonly [number, number] {
  const places = classPlaces(mixture);
  const { place } = places.find(({ digit }) => digit === 7) ?? places[0]!;
  return [round(place[0]!), round(place[1]!)];
}

/** The likeliest class, and how likely it is in percent; what would round to 100 is given as > 99. */
export function likeliest(shares: readonly number[]): { digit: number; percent: string } {
  const best = Math.max(...shares);
  return { digit: shares.indexOf(best), percent: best >= 0.995 ? "> 99" : String(Math.round(100 * best)) };
}

interface MapBoardProps {
  readonly release: Release;
  readonly place: ArrayLike<number>;
  readonly label: string;
  /** Without it, the map only shows. */
  readonly onMove?: (place: [number, number]) => void;
}

/** The painted map with a mark. */
export function MapBoard({ release, place, label, onMove }: MapBoardProps) {
  const mixture = release.mixture!;
  const { plane, ground, digits } = useMemo(() => paintMap(release.decoder, mixture), [release]);
  const at = (position: ArrayLike<number>) => {
    const { x, y } = sharesOf(plane, position);
    return { left: `${100 * x}%`, top: `${100 * y}%` };
  };
  return (
    <div
      class={onMove ? "map live" : "map"}
      role="img"
      aria-label={label}
      {...(onMove && controls(plane, place, onMove))}
    >
      <PixelCanvas image={ground} />
      <PixelCanvas image={digits} />
      {classPlaces(mixture).map((land) => (
        <span key={land.digit} class="land" style={at(land.place)} aria-hidden="true">
          {land.digit}
        </span>
      ))}
      {/* What lies beyond the map is marked at its edge. */}
      <span class="mark" style={at(within(plane, place))} />
    </div>
  );
}

/** Moves the mark by pointer, which may be dragged beyond the edge, and by arrow keys. */
function controls(plane: Plane, place: ArrayLike<number>, onMove: (place: [number, number]) => void) {
  const moveTo = ({ clientX, clientY, currentTarget }: PointerEvent) => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    onMove(within(plane, placeAt(plane, (clientX - left) / width, (clientY - top) / height)));
  };
  return {
    role: "application" as const,
    tabIndex: 0,
    onKeyDown: (event: KeyboardEvent) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      const step = plane.halfSide * (event.shiftKey ? LARGE_STEP : STEP);
      onMove(within(plane, [place[0]! + way[0] * step, place[1]! + way[1] * step]));
    },
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      moveTo(event);
    },
    onPointerMove: (event: PointerEvent) => {
      if (event.buttons > 0) moveTo(event);
    },
  };
}
