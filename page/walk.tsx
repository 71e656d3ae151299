// A round walk through waypoints, along the arc and straight, side by side and in step.

import { useEffect, useMemo, useState } from "preact/hooks";
import { parseBackground, parseColour } from "../shared/image/colour.ts";
import type { GreyImage } from "../shared/image/raster.ts";
import { scaleImage } from "../shared/image/scale.ts";
import type { Path } from "../shared/latent/walk.ts";
import { DEFAULT_FPS } from "../shared/limits.ts";
import { DEFAULTS } from "./choices.ts";
import { CopyLine } from "./parts/copy.tsx";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { FailureNote } from "./parts/failure.tsx";
import { useLoaded, useNearness } from "./parts/loading.ts";
import { Waiting } from "./parts/waiting.tsx";
import { latentOfSeed, loadRelease, modelFor, type Release } from "./releases.ts";
import { service, withoutOrigin } from "./service.ts";
import { usePage } from "./state.ts";
import { drawWalk, planWalk, walkAddress } from "./walk-plan.ts";

const PATHS: readonly Path[] = ["slerp", "lerp"];
/** The walk that the page begins with, from one stop to the next and back. */
const STILL = withoutOrigin(
  service.interpolateUrl({
    seeds: DEFAULTS.walk.map(({ seed }) => seed).join(","),
    digits: DEFAULTS.walk.map(({ digit }) => digit).join(""),
    loop: true,
    size: 100,
    format: "apng",
  }),
);

export function WalkSection() {
  const { state, t } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const model =
    state.models.status === "ready"
      ? modelFor(state.models.value, state.choices.model, () => true)
      : undefined;
  const release = useLoaded(isNear ? model : undefined, loadRelease);
  return (
    <section id="walk" aria-labelledby="walk-title" ref={ref}>
      <div class="section-head">
        <h2 id="walk-title">{t.walk.title}</h2>
        <p class="lede">{model?.card.spec.latent.kind === "codes" ? t.walk.straight : t.walk.lede}</p>
      </div>
      {state.models.status === "failed" ? (
        <FailureNote failure={state.models.failure} />
      ) : release.status === "failed" ? (
        <FailureNote failure={release.failure} />
      ) : release.status === "ready" ? (
        <Walk release={release.value} />
      ) : (
        <Waiting still={STILL} alt={t.walk.title} />
      )}
    </section>
  );
}

function Walk({ release }: { release: Release }) {
  const { state, t } = usePage();
  const { choices, origin } = state;
  const { walk, temperature } = choices;
  const [frame, setFrame] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(DEFAULT_FPS);
  // Between codes there is no arc.
  const paths = release.codes ? PATHS.filter((path) => path === "lerp") : PATHS;
  const films = useMemo(
    () => paths.map((path) => release.decoder.images(drawWalk(release, walk, temperature, path))),
    [release, walk, temperature],
  );
  const frames = films[0]!.length;
  const shown = Math.min(frame, frames - 1);
  usePlayback(isPlaying, speed, () => setFrame((before) => (before + 1) % frames));
  return (
    <div class="walk">
      <div class="films">
        {paths.map((path, i) => (
          <figure key={path}>
            <DigitCanvas image={films[i]![shown]} class="big" />
            <Strip film={films[i]!} />
            <figcaption>
              <strong>{path === "slerp" ? t.walk.arc : t.walk.line}</strong>
              <Export path={path} film={films[i]!} speed={speed} />
              <Address path={path} release={release} speed={speed} origin={origin} />
            </figcaption>
          </figure>
        ))}
      </div>
      <div class="beside">
        <button type="button" class="primary" onClick={() => setPlaying(!isPlaying)}>
          {isPlaying ? t.walk.pause : t.walk.play}
        </button>
        <label>
          <span>{t.walk.position}</span>
          <input
            type="range"
            min={0}
            max={frames - 1}
            value={shown}
            aria-valuetext={t.walk.frame(shown + 1, frames)}
            onInput={(event) => {
              setPlaying(false);
              setFrame(event.currentTarget.valueAsNumber);
            }}
          />
        </label>
        <label>
          <span>
            {t.walk.speed} <output>{t.walk.perSecond(speed)}</output>
          </span>
          <input
            type="range"
            min={2}
            max={30}
            value={speed}
            aria-valuetext={t.walk.perSecond(speed)}
            onInput={(event) => setSpeed(event.currentTarget.valueAsNumber)}
          />
        </label>
        <Stops release={release} />
      </div>
    </div>
  );
}

/** Steps on at a speed, by the frames of the screen. */
function usePlayback(isPlaying: boolean, perSecond: number, step: () => void): void {
  useEffect(() => {
    if (!isPlaying) return;
    const interval = 1000 / perSecond;
    let [due, request] = [performance.now() + interval, 0];
    const tick = (now: number) => {
      if (now >= due) {
        step();
        due = Math.max(due + interval, now);
      }
      request = requestAnimationFrame(tick);
    };
    request = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(request);
  }, [isPlaying, perSecond]);
}

function Stops({ release }: { release: Release }) {
  const { state, t, choose } = usePage();
  const { walk, temperature } = state.choices;
  const images = useMemo(
    () => release.decoder.images(walk.map((waypoint) => latentOfSeed(release, waypoint, temperature))),
    [walk, temperature, release],
  );
  return (
    <div class="stops">
      <h3>{t.walk.stops}</h3>
      <ol>
        {walk.map(({ seed }, index) => (
          <li key={index}>
            <DigitCanvas image={images[index]} />
            <span>{seed}</span>
            <button
              type="button"
              class="remove"
              aria-label={t.walk.remove(seed)}
              title={t.walk.remove(seed)}
              disabled={walk.length <= 2}
              onClick={() => choose({ walk: walk.filter((_, i) => i !== index) })}
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

/** About a dozen pictures of a film, side by side. */
function Strip({ film }: { film: readonly GreyImage[] }) {
  const shown = film.filter((_, i) => i % Math.ceil(film.length / 12) === 0);
  return (
    <div class="strip" aria-hidden="true">
      {shown.map((image, i) => (
        <DigitCanvas key={i} image={image} />
      ))}
    </div>
  );
}

function Export({ path, film, speed }: { path: Path; film: readonly GreyImage[]; speed: number }) {
  const { state, t } = usePage();
  const { ink, ground, walk } = state.choices;
  const save = async () => {
    // Nobody else needs the encoder.
    const { encodeApng } = await import("../shared/image/png.ts");
    const { size } = planWalk(walk.length);
    const style = { foreground: parseColour(ink), background: parseBackground(ground) };
    const frames = film.map((image) => scaleImage(image, size));
    const file = new Blob([encodeApng(frames, speed, style) as BlobPart], { type: "image/apng" });
    const address = URL.createObjectURL(file);
    const link = Object.assign(document.createElement("a"), { href: address, download: `walk-${path}.png` });
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <button type="button" onClick={() => void save()}>
      {t.walk.export}
    </button>
  );
}

function Address({
  path,
  release,
  speed,
  origin,
}: {
  path: Path;
  release: Release;
  speed: number;
  origin: string;
}) {
  const { state, t } = usePage();
  const address = walkAddress(state.choices, release, path, speed);
  if (address === undefined) return <p class="note">{t.walk.noAddress}</p>;
  return <CopyLine text={`${origin}${address}`} label={t.walk.address} />;
}
