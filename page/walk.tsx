// A closed walk through waypoints, along the arc and straight, side by side and in step.

import { useEffect, useMemo, useState } from "preact/hooks";
import { parseBackground, parseColour } from "../shared/image/colour.ts";
import { PLAIN_HAND } from "../shared/image/ink/hand.ts";
import type { Ink } from "../shared/image/ink/ink.ts";
import type { Digit } from "../shared/image/raster.ts";
import { kindOf } from "../shared/latent/kind.ts";
import type { LatentPoint } from "../shared/latent/latent-kind.ts";
import type { Path } from "../shared/latent/walk.ts";
import { DEFAULT_FPS } from "../shared/limits.ts";
import { planWalk, walkAddress } from "./addresses.ts";
import { DEFAULTS } from "./choices.ts";
import { CopyLine, Slider } from "./parts/controls.tsx";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { ModelSection } from "./parts/section.tsx";
import { drawSeed, loadRelease, type Release } from "./releases.ts";
import { usePage } from "./state.ts";

/** The walk that the page begins with. */
const STILL = walkAddress(DEFAULTS, undefined, "slerp", DEFAULT_FPS)!;
/** Roughly how many frames the strip below a film shows. */
const STRIP_LENGTH = 12;

export function WalkSection() {
  const { t } = usePage();
  return (
    <ModelSection
      id="walk"
      lede={(model) => (model && kindOf(model.card.spec).paths.length === 1 ? t.walk.straight : t.walk.lede)}
      suits={() => true}
      load={loadRelease}
      still={<img src={STILL} alt={t.walk.title} />}
    >
      {(release) => <Walk release={release} />}
    </ModelSection>
  );
}

function Walk({ release }: { release: Release }) {
  const { t, choices } = usePage();
  const { walk, temperature, guidance } = choices;
  const [frame, setFrame] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(DEFAULT_FPS);
  const { paths } = kindOf(release.card.spec);
  const { stops, films } = useMemo(() => {
    const { steps } = planWalk(walk.length);
    const draws = walk.map((waypoint) => drawSeed(release, waypoint, { temperature, guidance }));
    const imagesOf = (points: readonly LatentPoint[]) =>
      release.decoder.images(points.map(({ latent }) => latent));
    const films = paths.map((path) => imagesOf(release.latent.walk(draws, { steps, path, loop: true })));
    return { stops: imagesOf(draws), films };
  }, [release, walk, temperature, guidance]);
  const frames = films[0]!.length;
  const shown = Math.min(frame, frames - 1);
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => setFrame((before) => (before + 1) % frames), 1000 / speed);
    return () => clearInterval(timer);
  }, [isPlaying, speed, frames]);
  return (
    <div class="walk">
      <div class="films">
        {paths.map((path, i) => (
          <Film key={path} path={path} film={films[i]!} shown={shown} release={release} speed={speed} />
        ))}
      </div>
      <div class="beside">
        <button type="button" class="primary" onClick={() => setPlaying(!isPlaying)}>
          {isPlaying ? t.walk.pause : t.walk.play}
        </button>
        <Slider
          label={t.walk.position}
          output={t.walk.frame(shown + 1, frames)}
          range={[0, frames - 1, 1]}
          value={shown}
          onSlide={(value) => {
            setPlaying(false);
            setFrame(value);
          }}
        />
        <Slider
          label={t.walk.speed}
          output={t.walk.perSecond(speed)}
          range={[2, 30, 1]}
          value={speed}
          onSlide={setSpeed}
        />
        <Stops images={stops} ink={release.ink} />
      </div>
    </div>
  );
}

interface FilmProps {
  readonly path: Path;
  readonly film: readonly Digit[];
  /** Index of the frame that is shown. */
  readonly shown: number;
  readonly release: Release;
  /** Frames per second. */
  readonly speed: number;
}

function Film({ path, film, shown, release, speed }: FilmProps) {
  const { t, choices } = usePage();
  const address = walkAddress(choices, release.name, path, speed);
  const strip = film.filter((_, i) => i % Math.ceil(film.length / STRIP_LENGTH) === 0);
  const save = async () => {
    // Loaded on demand: nothing else needs the encoder.
    const [{ encodeApng }, { paintSmallest }] = await Promise.all([
      import("../shared/image/png.ts"),
      import("../shared/image/paint.ts"),
    ]);
    const { size } = planWalk(choices.walk.length);
    const style = { foreground: parseColour(choices.ink), background: parseBackground(choices.ground) };
    const frames = film.map((image) => release.ink.draw(image, size, PLAIN_HAND));
    const file = new Blob([encodeApng(frames, speed, style, paintSmallest) as BlobPart], {
      type: "image/apng",
    });
    const href = URL.createObjectURL(file);
    Object.assign(document.createElement("a"), { href, download: `walk-${path}.png` }).click();
    URL.revokeObjectURL(href);
  };
  return (
    <figure>
      <DigitCanvas image={film[shown]} ink={release.ink} isLarge />
      <div class="strip" aria-hidden="true">
        {strip.map((image, i) => (
          <DigitCanvas key={i} image={image} ink={release.ink} />
        ))}
      </div>
      <figcaption>
        <strong>{t.walk[path]}</strong>
        <button type="button" onClick={() => void save()}>
          {t.walk.export}
        </button>
        {address === undefined ? (
          <p class="note">{t.walk.noAddress}</p>
        ) : (
          <CopyLine address={address} label={t.walk.address} />
        )}
      </figcaption>
    </figure>
  );
}

function Stops({ images, ink }: { images: readonly Digit[]; ink: Ink }) {
  const { t, choices, choose } = usePage();
  const { walk } = choices;
  return (
    <div class="stops">
      <h3>{t.walk.stops}</h3>
      <ol>
        {walk.map(({ seed }, index) => (
          <li key={index}>
            <DigitCanvas image={images[index]} ink={ink} />
            <span>{seed}</span>
            <button
              type="button"
              class="remove"
              aria-label={t.walk.remove(seed)}
              title={t.walk.remove(seed)}
              disabled={walk.length <= 2}
              onClick={() => choose({ walk: walk.toSpliced(index, 1) })}
            >
              ×
            </button>
          </li>
        ))}
      </ol>
      <p class="note">{t.walk.hint}</p>
    </div>
  );
}
