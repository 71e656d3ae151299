// A walk from the visitor's word to another and back, played in the page, and saved as an animation that the page makes.

import { useEffect, useMemo, useState } from "preact/hooks";
import { kindOf } from "../shared/latent/kind.ts";
import { DEFAULT_FPS } from "../shared/limits.ts";
import { pinned, planWalk, walkAddress } from "./addresses.ts";
import { isSeed } from "./choices.ts";
import { loadRenderers } from "./lazy.ts";
import { CopyLine, Segments, Slider } from "./parts/controls.tsx";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { useField } from "./parts/loading.ts";
import { saveFile } from "./parts/save.ts";
import { ModelSection } from "./parts/section.tsx";
import { loadRelease, type Release } from "./releases.ts";
import { fileName } from "./snippets.ts";
import { usePage } from "./state.ts";
import { drawWord } from "./word.ts";

/** Roughly how many frames the strip below the film shows. */
const STRIP_LENGTH = 13;
/** Sides of a saved animation, pixels. */
const SIZES = ["128", "256", "512"] as const;

export function WalkSection() {
  const { t, choices } = usePage();
  return (
    <ModelSection
      id="walk"
      lede={(model) => (model && kindOf(model.card.spec).paths.length === 1 ? t.walk.straight : t.walk.lede)}
      suits={() => true}
      load={loadRelease}
      still={<img src={walkAddress(choices, [undefined, undefined])} alt={t.walk.title} />}
    >
      {(release) => <Walk release={release} />}
    </ModelSection>
  );
}

function Walk({ release }: { release: Release }) {
  const { t, choices, choose, model } = usePage();
  const { seed, to, digit, temperature, guidance } = choices;
  const [frame, setFrame] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(DEFAULT_FPS);
  const ends = useMemo(
    () => [
      drawWord(release, { seed, digit, temperature, guidance }),
      drawWord(release, { seed: to, digit: undefined, temperature, guidance }),
    ],
    [release, seed, to, digit, temperature, guidance],
  );
  const film = useMemo(() => {
    const points = release.latent.walk(ends, { steps: planWalk().steps, loop: true });
    return points.map(({ latent }) => ({ latent, image: release.decoder.image(latent) }));
  }, [release, ends]);
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => setFrame((before) => (before + 1) % film.length), 1000 / speed);
    return () => clearInterval(timer);
  }, [isPlaying, speed, film.length]);
  const shown = film[frame]!;
  const way = film.slice(0, film.length / 2 + 1);
  const strip = way.filter((_, i) => i % Math.ceil(way.length / STRIP_LENGTH) === 0);
  const address = walkAddress(
    pinned(choices, model),
    ends.map((end) => end.digit),
    speed,
  );
  return (
    <div class="walk">
      <div class="film">
        <DigitCanvas image={shown.image} ink={release.ink} side="film" label={t.walk.film(seed, to)} />
        <div class="strip" aria-hidden="true">
          {strip.map(({ image }, i) => (
            <DigitCanvas key={`${i + 0}`} image={image} ink={release.ink} />
          ))}
        </div>
      </div>
      <div class="beside">
        <Goals />
        <p class="note">{t.walk.ends(seed, ends[0]!.digit, to, ends[1]!.digit)}</p>
        <Slider
          label={t.walk.position}
          output={t.walk.frame(frame + 1, film.length)}
          range={[0, film.length - 1, 1]}
          value={frame}
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
        <div class="actions">
          <button type="button" class="primary" onClick={() => setPlaying(!isPlaying)}>
            {isPlaying ? t.walk.pause : t.walk.play}
          </button>
          <button type="button" onClick={() => choose({ seed: to, to: seed, digit: undefined })}>
            {t.walk.swap}
          </button>
        </div>
        <Save release={release} latents={film.map(({ latent }) => latent)} speed={speed} />
        {address === undefined ? (
          <p class="note">{t.walk.noAddress}</p>
        ) : (
          <CopyLine address={address} label={t.walk.address} />
        )}
      </div>
    </div>
  );
}

/** The two words. */
function Goals() {
  const { t, choices, choose } = usePage();
  const field = (name: "seed" | "to", label: string) => {
    const [text, type] = useField(choices[name], (typed) => {
      if (!isSeed(typed)) return undefined;
      choose({ [name]: typed });
      return typed;
    });
    return (
      <label>
        <span>{label}</span>
        <input
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
      </label>
    );
  };
  return (
    <div class="goals">
      {field("seed", t.walk.from)}
      {field("to", t.walk.to)}
    </div>
  );
}

interface SaveProps {
  readonly release: Release;
  /** Of every frame. */
  readonly latents: readonly Float32Array[];
  /** Frames per second. */
  readonly speed: number;
}

/** Each frame is what /decode draws of its latent. */
function Save({ release, latents, speed }: SaveProps) {
  const { t, choices } = usePage();
  const { seed, to, ink, ground, slant, weight } = choices;
  const [size, setSize] = useState<(typeof SIZES)[number]>("256");
  const save = async () => {
    // Loaded on demand: nothing before needs the encoder.
    const { RENDERERS } = await loadRenderers();
    const drawing = { size: Number(size), fg: ink, bg: ground, slant, weight };
    const { scale, apng } = RENDERERS[2](drawing, release.ink);
    const frames = latents.map((latent) => scale(release.decoder.image(latent)));
    saveFile(apng(frames, speed), "image/apng", `${fileName(seed)}-${fileName(to)}.png`);
  };
  return (
    <div class="save">
      <Segments
        legend={t.walk.size}
        options={SIZES.map((value) => ({ value, label: value }))}
        value={size}
        onChoose={setSize}
      />
      <button type="button" onClick={() => void save()}>
        {t.walk.export}
      </button>
    </div>
  );
}
