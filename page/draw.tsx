// A digit of the visitor's own hand: what the encoder makes of it, where it lies, and what lies around it. Nothing of it
// leaves the page.

import { useMemo, useRef, useState } from "preact/hooks";
import { FITTED_SIDE } from "../shared/image/fit/fit-digit.ts";
import type { GreyImage } from "../shared/image/raster.ts";
import { scaleImage } from "../shared/image/scale.ts";
import { classProbabilities } from "../shared/latent/gaussian/mixture-density.ts";
import { sampleLatent } from "../shared/latent/gaussian/sample.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { findDirections, fromDials, toDials } from "./directions.ts";
import { isMapped, MapBoard, type Mapped, readAt } from "./map.tsx";
import { DigitCanvas, paintGrey } from "./parts/digit-canvas.tsx";
import { FailureNote } from "./parts/failure.tsx";
import { useLoaded, useNearness } from "./parts/loading.ts";
import { clearPad, PAD_SIDE, readPad, usePen } from "./parts/pen.ts";
import { latentQuery } from "./parts/proof.tsx";
import { Waiting } from "./parts/waiting.tsx";
import { planeOf } from "./plane.ts";
import {
  latentOfSeed,
  loadEncoder,
  loadRelease,
  modelFor,
  type ReadableModel,
  type Release,
} from "./releases.ts";
import { service, withoutOrigin } from "./service.ts";
import { usePage } from "./state.ts";

const VARIATIONS = 8;
/** How far variations stray, standard deviations of all digits along each direction. */
const STRAY = 0.45;
/** And through the space of embeddings. */
const CODE_STRAY = 0.45;

const takesDigits = ({ card }: ReadableModel) => card.spec.input.join() === `${FITTED_SIDE},${FITTED_SIDE},1`;

/** A model that draws, with its way back. */
async function loadBoth(model: ReadableModel) {
  const [release, encoder] = await Promise.all([loadRelease(model), loadEncoder(model)]);
  return { release, encoder };
}
type Both = Awaited<ReturnType<typeof loadBoth>>;

export function DrawSection() {
  const { state, t } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const models = state.models.status === "ready" ? state.models.value : [];
  const model = modelFor(models, state.choices.model, () => true);
  const planar = modelFor(models, state.choices.model, ({ spec }) => latentDim(spec) === 2);
  const both = useLoaded(isNear ? model : undefined, loadBoth);
  const flat = useLoaded(isNear ? planar : undefined, loadBoth);
  return (
    <section id="draw" aria-labelledby="draw-title" ref={ref}>
      <div class="section-head">
        <h2 id="draw-title">{t.draw.title}</h2>
        <p class="lede">{t.draw.lede}</p>
      </div>
      {state.models.status === "failed" ? (
        <FailureNote failure={state.models.failure} />
      ) : both.status === "failed" ? (
        <FailureNote failure={both.failure} />
      ) : both.status === "ready" && !takesDigits(both.value.release) ? (
        <p class="note">{t.draw.cannot}</p>
      ) : both.status === "ready" ? (
        <Drawing both={both.value} flat={flat.status === "ready" ? flat.value : undefined} />
      ) : (
        <Waiting />
      )}
    </section>
  );
}

function Drawing({ both, flat }: { both: Both; flat: Both | undefined }) {
  const { state, t } = usePage();
  const { release } = both;
  const [fitted, setFitted] = useState<GreyImage>();
  const pad = useRef<HTMLCanvasElement>(null);
  const pen = usePen(pad, setFitted);
  const clear = () => {
    clearPad(pad.current!);
    setFitted(undefined);
  };
  const borrow = () => {
    const latent = latentOfSeed(release, state.choices, state.choices.temperature);
    paintGrey(pad.current!, scaleImage(release.decoder.image(latent), PAD_SIDE));
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
      {fitted && <Reading both={both} flat={flat} fitted={fitted} />}
    </div>
  );
}

function Reading({ both, flat, fitted }: { both: Both; flat: Both | undefined; fitted: GreyImage }) {
  const { t } = usePage();
  const { release } = both;
  const latent = useMemo(() => encodeMean(both, fitted), [both, fitted]);
  const again = useMemo(() => release.decoder.image(latent), [release, latent]);
  const variations = useMemo(() => vary(release, latent), [release, latent]);
  const map = flat && isMapped(flat.release) ? { both: flat, release: flat.release } : undefined;
  return (
    <div class="seen">
      <div class="pair">
        <figure>
          <DigitCanvas image={fitted} label={t.draw.seen} class="big" />
          <figcaption>{t.draw.seen}</figcaption>
        </figure>
        <figure>
          <DigitCanvas image={again} label={t.draw.again} class="big" />
          <figcaption>{t.draw.again}</figcaption>
        </figure>
        {map && (
          <figure>
            <SmallMap release={map.release} both={map.both} fitted={fitted} />
            <figcaption>{t.draw.onMap}</figcaption>
          </figure>
        )}
      </div>
      {isMapped(release) && <Certainty release={release} latent={latent} />}
      <h3>{t.draw.variations}</h3>
      <ul class="variations">
        {variations.map(({ image, latent: varied }, i) => (
          <li key={`${i + 1}`}>
            <a
              href={withoutOrigin(
                service.decodeUrl({ ...latentQuery({ release, latent: varied }), size: 280 }),
              )}
              aria-label={t.draw.variation(i + 1)}
            >
              <DigitCanvas image={image} />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Certainty({ release, latent }: { release: Mapped; latent: Float32Array }) {
  const { t } = usePage();
  const shares = classProbabilities(release.mixture, latent);
  const { digit, percent } = readAt(release.mixture, latent);
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

function SmallMap({ release, both, fitted }: { release: Mapped; both: Both; fitted: GreyImage }) {
  const { t } = usePage();
  const plane = useMemo(() => planeOf(release.mixture), [release]);
  const place = useMemo(() => encodeMean(both, fitted), [both, fitted]);
  return <MapBoard release={release} plane={plane} place={place} label={t.draw.onMap} />;
}

/** The mean of q(z | x), or the embeddings of the codes, float32 [latentDim]. */
function encodeMean({ release, encoder }: Both, { pixels }: GreyImage): Float32Array {
  const output = encoder.encode(Float32Array.from(pixels, (level) => level / 255));
  const { codes } = release;
  return codes ? codes.embed(codes.quantize(output)) : output.slice(0, latentDim(release.card.spec));
}

/**
 * Digits around a latent, each a step along every direction of the mixture, or to codes that lie near; the same steps for
 * everyone.
 */
function vary(release: Release, latent: Float32Array) {
  const { mixture, codes, decoder } = release;
  const d = latent.length;
  const steps = Array.from({ length: VARIATIONS }, (_, i) => sampleLatent(`variation ${i}`, d));
  const directions = mixture && findDirections(mixture);
  const latents = steps.map((step) => {
    if (codes) return codes.embed(codes.quantize(latent.map((value, i) => value + CODE_STRAY * step[i]!)));
    if (!directions) return latent.map((value, i) => value + STRAY * step[i]!);
    const dials = toDials(directions, latent);
    return fromDials(
      directions,
      dials.map((value, i) => value + STRAY * step[i]!),
    );
  });
  return decoder.images(latents).map((image, i) => ({ image, latent: latents[i]! }));
}
