// A digit in the visitor's own hand: what the encoder makes of it, where it lies, and what lies around it. None of it
// leaves the page.

import { useMemo, useRef, useState } from "preact/hooks";
import { FITTED_SIDE } from "../shared/image/fit/fit-digit.ts";
import { PLAIN_HAND } from "../shared/image/ink/hand.ts";
import type { GreyImage } from "../shared/image/raster.ts";
import { sampleLatent } from "../shared/latent/gaussian/sample.ts";
import type { Card } from "../shared/release/release.ts";
import { decodeAddress } from "./addresses.ts";
import { findDirections, fromDials, toDials } from "./directions.ts";
import { hasMap, likeliest, MapBoard } from "./map.tsx";
import { DigitCanvas, PixelCanvas, paint } from "./parts/digit-canvas.tsx";
import { useLoaded, useModel } from "./parts/loading.ts";
import { clearPad, PAD_SIDE, readPad, usePen } from "./parts/pen.ts";
import { decodeHere, type LocalDigit } from "./parts/proof.tsx";
import { ModelSection } from "./parts/section.tsx";
import { drawSeed, loadTwoWay, type Release, type TwoWayRelease } from "./releases.ts";
import { usePage } from "./state.ts";

const VARIATIONS = 8;
/** How far variations stray: deviations along each principal direction, or of noise; or units of the embedding space. */
const STRAY = 0.45;

const takesDigits = ({ spec }: Card) => spec.input.join() === `${FITTED_SIDE},${FITTED_SIDE},1`;

export function DrawSection() {
  const { t } = usePage();
  return (
    <ModelSection id="draw" lede={() => t.draw.lede} suits={takesDigits} load={loadTwoWay}>
      {(release) => <Drawing release={release} />}
    </ModelSection>
  );
}

function Drawing({ release }: { release: TwoWayRelease }) {
  const { t, choices } = usePage();
  const [fitted, setFitted] = useState<GreyImage>();
  const flat = useLoaded(
    useModel((card) => hasMap(card) && takesDigits(card)),
    loadTwoWay,
  );
  const pad = useRef<HTMLCanvasElement>(null);
  const pen = usePen(pad, setFitted);
  const clear = () => {
    clearPad(pad.current!);
    setFitted(undefined);
  };
  const borrow = () => {
    const { latent } = drawSeed(release, choices, choices);
    paint(pad.current!, release.ink.draw(release.decoder.image(latent), PAD_SIDE, PLAIN_HAND));
    setFitted(readPad(pad.current!));
  };
  return (
    <div class="drawing">
      <div class="pad">
        <canvas ref={pad} width={PAD_SIDE} height={PAD_SIDE} role="img" aria-label={t.draw.pad} {...pen} />
        {!fitted && <span class="pad-hint">{t.draw.padEmpty}</span>}
        <div class="actions">
          <button type="button" onClick={clear} disabled={!fitted}>
            {t.draw.clear}
          </button>
          <button type="button" onClick={borrow}>
            {t.draw.borrow}
          </button>
        </div>
        <p class="note">{t.draw.private}</p>
      </div>
      {fitted && (
        <Reading release={release} flat={flat.status === "ready" ? flat.value : undefined} fitted={fitted} />
      )}
    </div>
  );
}

interface ReadingProps {
  readonly release: TwoWayRelease;
  /** A release with a map. */
  readonly flat: TwoWayRelease | undefined;
  readonly fitted: GreyImage;
}

function Reading({ release, flat, fitted }: ReadingProps) {
  const { t } = usePage();
  const again = useMemo(() => decodeHere(release, encodeMean(release, fitted)), [release, fitted]);
  const variations = useMemo(() => vary(again), [again]);
  const place = useMemo(() => flat && encodeMean(flat, fitted), [flat, fitted]);
  return (
    <div class="seen">
      <div class="pair">
        <figure>
          <PixelCanvas image={fitted} label={t.draw.seen} class="digit big pixelated" />
          <figcaption>{t.draw.seen}</figcaption>
        </figure>
        <figure>
          <DigitCanvas image={again.image} ink={release.ink} label={t.draw.again} isLarge />
          <figcaption>{t.draw.again}</figcaption>
        </figure>
        {flat && place && (
          <figure>
            <MapBoard release={flat} place={place} label={t.draw.onMap} />
            <figcaption>{t.draw.onMap}</figcaption>
          </figure>
        )}
      </div>
      {release.latent.readDigit && <Certainty shares={release.latent.readDigit(again.latent)} />}
      <h3>{t.draw.variations}</h3>
      <ul class="variations">
        {variations.map((variation, i) => (
          <li key={`${i + 1}`}>
            <a href={decodeAddress(variation)} aria-label={t.draw.variation(i + 1)}>
              <DigitCanvas image={variation.image} ink={release.ink} />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** @param shares  probability of each digit */
function Certainty({ shares }: { shares: readonly number[] }) {
  const { t } = usePage();
  const { digit, percent } = likeliest(shares);
  return (
    <div class="certainty">
      <p role="status">
        {t.draw.nearest} <strong>{t.draw.sure(digit, percent)}</strong>
      </p>
      <ol aria-label={t.draw.certainty}>
        {shares.map((share, i) => (
          <li key={`${i + 0}`}>
            <span>{i}</span>
            <meter min={0} max={1} value={share} aria-label={`${i}`}>
              {Math.round(100 * share)}%
            </meter>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** The mean of q(z | x), or the embeddings of the codes, float32 [latentDim]. */
function encodeMean({ latent, encoder }: TwoWayRelease, { pixels }: GreyImage): Float32Array {
  const output = encoder.encode(Float32Array.from(pixels, (level) => level / 255));
  return latent.encode(output).latent;
}

/**
 * Digits around one, each a random step along every principal direction, through noise, or to nearby codes; the steps are
 * always the same.
 */
function vary({ release, latent }: LocalDigit): LocalDigit[] {
  const { mixture, decoder }: Release = release;
  const directions = mixture && findDirections(mixture);
  const steps = Array.from({ length: VARIATIONS }, (_, i) =>
    sampleLatent(`variation ${i}`, latent.length).map((value) => STRAY * value),
  );
  const strayBy = (step: Float32Array) => {
    const stray = <Values extends Float32Array | number[]>(values: Values) =>
      values.map((value, axis) => value + step[axis]!) as Values;
    const strayed = directions ? fromDials(directions, stray(toDials(directions, latent))) : stray(latent);
    return release.latent.nearest(strayed).latent;
  };
  const latents = release.latent.vary?.(latent, steps) ?? steps.map(strayBy);
  return decoder.images(latents).map((image, i) => ({ release, latent: latents[i]!, image }));
}
