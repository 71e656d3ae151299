// A digit in the visitor's own hand: what the encoder makes of it, and what lies around it. None of it leaves the page.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { PLAIN_HAND } from "../shared/image/ink/hand.ts";
import { sampleLatent } from "../shared/latent/gaussian/sample.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { decodeAddress } from "./addresses.ts";
import { findDirections, fromDials, toDials } from "./directions.ts";
import { loadPadReader } from "./lazy.ts";
import { looksLikeDigit } from "./likeness.ts";
import { DigitCanvas, PixelCanvas, useStyle } from "./parts/digit-canvas.tsx";
import { useLoaded, useModel, useNearness } from "./parts/loading.ts";
import { BLANK, type Drawing, PAD_SIDE, paintPad, usePen } from "./parts/pen.ts";
import { Said } from "./parts/said.tsx";
import { FailureNote, Section } from "./parts/section.tsx";
import { likeliest } from "./plane.ts";
import {
  encodeImage,
  hasMap,
  loadTwoWay,
  type Release,
  type TwoWayRelease,
  takesDigits,
} from "./releases.ts";
import { usePage } from "./state.ts";

const VARIATIONS = 8;
/** How far variations stray: deviations along each principal direction, or of noise; or units of the embedding space. */
const STRAY = 0.45;

export function DrawSection() {
  const { t, isAlive, model: chosen, drawn } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const model = useModel(takesDigits);
  const loaded = useLoaded(isNear ? model : undefined, loadTwoWay);
  // Some models cannot say which digit they see; the map's can.
  const other = useModel((card) => hasMap(card) && takesDigits(card));
  const reader = useLoaded(isNear && drawn ? other : undefined, loadTwoWay);
  return (
    <Section id="draw" lede={t.draw.lede} sectionRef={ref}>
      {chosen && !model ? (
        <p class="note">{t.draw.none}</p>
      ) : (
        <div class="drawing">
          {isAlive ? <Pad /> : <noscript>{t.needsScript}</noscript>}
          {loaded.status === "failed" ? (
            <FailureNote failure={loaded.failure} />
          ) : (
            <Seen
              release={loaded.status === "ready" ? loaded.value : undefined}
              reader={reader.status === "ready" ? reader.value : undefined}
            />
          )}
        </div>
      )}
    </Section>
  );
}

function Pad() {
  const { t, choices, word, setDrawn } = usePage();
  const style = useStyle(choices);
  const [drawing, setDrawing] = useState<Drawing>(BLANK);
  const pad = useRef<HTMLCanvasElement>(null);
  const pen = usePen(pad, drawing, setDrawing, style);
  const reader = useLoaded(word && "reader", loadPadReader);
  const isBlank = !drawing.picture && drawing.strokes.length === 0;
  useLayoutEffect(() => {
    paintPad(pad.current!, drawing, style);
  }, [drawing, style]);
  useLayoutEffect(() => {
    const read = reader.status === "ready" ? reader.value.readPad : undefined;
    setDrawn(isBlank ? undefined : read?.(drawing));
  }, [drawing, reader.status]);
  const { strokes } = drawing;
  const undo = () => setDrawing(strokes.length > 0 ? { ...drawing, strokes: strokes.slice(0, -1) } : BLANK);
  return (
    <div class="pad">
      <canvas ref={pad} width={PAD_SIDE} height={PAD_SIDE} role="img" aria-label={t.draw.pad} {...pen} />
      {isBlank && <span class="pad-hint">{t.draw.padEmpty}</span>}
      <div class="actions">
        <button type="button" onClick={undo} disabled={isBlank}>
          {t.draw.undo}
        </button>
        <button type="button" onClick={() => setDrawing(BLANK)} disabled={isBlank}>
          {t.draw.clear}
        </button>
        <button
          type="button"
          disabled={!word}
          onClick={() => {
            if (!word) return;
            const picture = word.release.ink.draw(word.image, PAD_SIDE, PLAIN_HAND);
            setDrawing({ picture, strokes: [] });
          }}
        >
          {t.draw.borrow}
        </button>
      </div>
      <p class="note">{t.draw.private}</p>
    </div>
  );
}

interface SeenProps {
  readonly release: TwoWayRelease | undefined;
  /** Says which digit it is, where `release` cannot. */
  readonly reader: TwoWayRelease | undefined;
}

/** Its place is there before anything is drawn. */
function Seen({ release, reader }: SeenProps) {
  const { t, choices, drawn } = usePage();
  const style = useStyle(choices);
  const again = useMemo(() => {
    if (!release || !drawn) return undefined;
    const latent = encodeImage(release, drawn);
    return { latent, image: release.decoder.image(latent) };
  }, [release, drawn]);
  const variations = useMemo(
    () => (release && again ? vary(release, again.latent) : undefined),
    [release, again],
  );
  const by = release?.latent.readDigit ? release : reader;
  const shares = useMemo(
    () => (by && drawn ? by.latent.readDigit?.(encodeImage(by, drawn)) : undefined),
    [by, drawn],
  );
  // Of two numbers no model draws a digit again as it was.
  const canTell = release !== undefined && by === release && latentDim(release.card.spec) > 2;
  const isDigit = !canTell || !drawn || !again || !shares || looksLikeDigit(drawn, again.image, shares);
  return (
    <div class="seen">
      <div class="pair">
        <figure>
          {drawn ? (
            <PixelCanvas image={drawn} style={style} label={t.draw.seen} class="digit big pixelated" />
          ) : (
            <div class="ghost" />
          )}
          <figcaption>{t.draw.seen}</figcaption>
        </figure>
        <figure>
          {release && again ? (
            <DigitCanvas image={again.image} ink={release.ink} label={t.draw.again} side="large" />
          ) : (
            <div class="ghost" />
          )}
          <figcaption>{t.draw.again}</figcaption>
        </figure>
      </div>
      <div class="certainty">
        {shares && by ? (
          <Certainty shares={shares} by={by === release ? undefined : by.name} isDigit={isDigit} />
        ) : (
          <p>{t.draw.waits}</p>
        )}
      </div>
      <div>
        <h3>{t.draw.variations}</h3>
        <ul class="variations">
          {Array.from({ length: VARIATIONS }, (_, i) => (
            <li key={`${i + 1}`}>
              {release && variations ? (
                <a
                  href={decodeAddress(release, variations[i]!.latent, choices)}
                  aria-label={t.draw.variation(i + 1)}
                >
                  <DigitCanvas image={variations[i]!.image} ink={release.ink} />
                </a>
              ) : (
                <div class="ghost" />
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

interface CertaintyProps {
  /** Probability of each digit. */
  readonly shares: readonly number[];
  /** The model that says so, where it is another one than the section's. */
  readonly by: string | undefined;
  /** Whether it looks like any. */
  readonly isDigit: boolean;
}

function Certainty({ shares, by, isDigit }: CertaintyProps) {
  const { t } = usePage();
  const { digit, percent } = likeliest(shares);
  return (
    <>
      <Said class="reading" text={isDigit ? t.draw.sure(digit, percent, by) : t.draw.unlike(digit)} />
      <ol aria-label={t.draw.certainty}>
        {shares.map((share, i) => (
          <li key={`${i + 0}`}>
            <span>{i}</span>
            <meter min={0} max={1} value={share} aria-label={`${i}`} />
            <small>{Math.round(100 * share)}%</small>
          </li>
        ))}
      </ol>
    </>
  );
}

/**
 * Digits around one, each a random step along every principal direction, through noise, or to nearby codes; the steps are
 * always the same.
 */
function vary({ latent: of, mixture, decoder }: Release, latent: Float32Array) {
  const directions = mixture && findDirections(mixture);
  const steps = Array.from({ length: VARIATIONS }, (_, i) =>
    sampleLatent(`variation ${i}`, latent.length).map((value) => STRAY * value),
  );
  const strayBy = (step: Float32Array) => {
    const stray = <Values extends Float32Array | number[]>(values: Values) =>
      values.map((value, axis) => value + step[axis]!) as Values;
    const strayed = directions ? fromDials(directions, stray(toDials(directions, latent))) : stray(latent);
    return of.nearest(strayed).latent;
  };
  const latents = of.vary?.(latent, steps) ?? steps.map(strayBy);
  return decoder.images(latents).map((image, i) => ({ latent: latents[i]!, image }));
}
