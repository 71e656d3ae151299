// The map at work: where the word and the visitor's own digit lie, and a mark to move about, with the digit of every place,
// decoded in the page.

import { useMemo, useRef, useState } from "preact/hooks";
import { classProbabilities } from "../shared/latent/gaussian/mixture-density.ts";
import { decodeAddress } from "./addresses.ts";
import { type Landmark, MapBoard } from "./map-board.tsx";
import { Slider } from "./parts/controls.tsx";
import { DigitCanvas, PixelCanvas } from "./parts/digit-canvas.tsx";
import { useDraft, useLoaded } from "./parts/loading.ts";
import { Proof } from "./parts/proof.tsx";
import { Said } from "./parts/said.tsx";
import { likeliest, planeOf, round, within } from "./plane.ts";
import { encodeImage, type TwoWayRelease } from "./releases.ts";
import { usePage } from "./state.ts";
import { loadTestDigits, type TestDigit } from "./test-digits.ts";

export function Explorer({ release }: { release: TwoWayRelease }) {
  const { t, decimals, choices, choose, word, drawn } = usePage();
  const mixture = release.mixture!;
  const plane = useMemo(() => planeOf(mixture), [mixture]);
  const landmarks = useMemo((): readonly Landmark[] => {
    const place = (image: Parameters<typeof encodeImage>[1]) => [...encodeImage(release, image)].map(round);
    return [
      ...(word ? [{ name: choices.seed, kind: "word" as const, place: place(word.image) }] : []),
      ...(drawn ? [{ name: t.map.drawing, kind: "drawing" as const, place: place(drawn) }] : []),
    ];
  }, [release, word, drawn, t]);
  const home = landmarks[0]?.place ?? plane.centre;
  const start = useMemo(() => choices.place ?? within(plane, home), [choices.place, plane, home]);
  const [place, move] = useDraft(start, (next) => choose({ place: next as [number, number] }));
  const [x, y] = place as [number, number];
  const digit = useMemo(() => {
    const latent = Float32Array.of(x, y);
    return { latent, image: release.decoder.image(latent) };
  }, [release, x, y]);
  const { digit: read, percent } = likeliest(classProbabilities(mixture, [x, y]));
  const [dot, setDot] = useState<TestDigit>();
  const [hasDots, setDots] = useState(true);
  const dots = useLoaded(hasDots ? release : undefined, loadTestDigits);
  const root = useRef<HTMLDivElement>(null);
  const slider = (label: string, axis: 0 | 1, value: number) => (
    <Slider
      label={label}
      output={decimals(value, 2)}
      range={[round(plane.centre[axis] - plane.halfSide), round(plane.centre[axis] + plane.halfSide), 0.001]}
      value={value}
      onSlide={(next) => move(axis === 0 ? [next, y] : [x, next])}
    />
  );
  return (
    <div class="explorer" ref={root}>
      <MapBoard
        release={release}
        landmarks={landmarks}
        dots={dots.status === "ready" ? dots.value : undefined}
        place={[x, y]}
        onMove={move}
        onPoint={setDot}
      />
      <div class="beside">
        <div class="watched">
          <DigitCanvas image={digit.image} ink={release.ink} label={t.map.digitAt(read)} side="large" />
          <div>
            <Said class="reading" text={t.map.looksLike(read, percent)} />
            <Proof image={digit.image} address={decodeAddress(release, digit.latent, choices)} />
          </div>
        </div>
        {slider(t.map.across, 0, x)}
        {slider(t.map.up, 1, y)}
        <div class="actions">
          {landmarks.map((landmark) => (
            <button type="button" key={landmark.kind} onClick={() => move(within(plane, landmark.place))}>
              {landmark.kind === "word" ? t.map.toWord(landmark.name) : t.map.toDrawing}
            </button>
          ))}
          {document.fullscreenEnabled && (
            <button type="button" onClick={() => void toggleFullScreen(root.current!)}>
              {t.map.fullScreen}
            </button>
          )}
        </div>
        <label class="check">
          <input type="checkbox" checked={hasDots} onChange={() => setDots(!hasDots)} />
          <span>{t.map.dots}</span>
        </label>
        <p class="dot-shown note">
          {dot && <PixelCanvas image={dot.image} class="digit pixelated" />}
          {dot ? t.map.dot(dot.digit) : t.map.dotHint}
        </p>
      </div>
    </div>
  );
}

const toggleFullScreen = (element: HTMLElement) =>
  document.fullscreenElement ? document.exitFullscreen() : element.requestFullscreen();
