// The seed bench: a word, its digit, and everything that decides how it looks.

import { MAX_SEED_LENGTH } from "../shared/arithmetic/random.ts";
import { MAX_SLANT, WEIGHTS } from "../shared/image/ink/hand.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { MAX_GUIDANCE } from "../shared/latent/flow/spec.ts";
import { DEFAULT_GROUND, MIN_SIZE } from "../shared/limits.ts";
import { outlineAddress, pictureAddress } from "./addresses.ts";
import { FORMATS, isSeed } from "./choices.ts";
import { Segments, Slider } from "./parts/controls.tsx";
import { Picture } from "./parts/picture.tsx";
import { usePage } from "./state.ts";

const DIGITS = ["", ..."0123456789"];

export function Bench() {
  const { t, isAlive, choices, choose } = usePage();
  const { seed, digit, ground } = choices;
  const outlines = outlineAddress(choices);
  return (
    <section id="bench" aria-labelledby="headline">
      <div {...paper("stage", ground)}>
        <Picture
          src={pictureAddress(choices)}
          srcSet={outlines}
          alt={t.bench.picture(seed, digit)}
          width={512}
          height={512}
          class={outlines === undefined ? "pixelated" : ""}
        />
      </div>
      <div class="bench-words">
        <h1 id="headline">{t.bench.headline}</h1>
        <p class="lede">{t.bench.lede}</p>
        <form action="/sample" onSubmit={(event) => isAlive && event.preventDefault()}>
          <SeedField />
          <fieldset class="plain" disabled={!isAlive}>
            <div class="digits">
              <Segments
                legend={t.bench.digit}
                options={DIGITS.map((value) => ({ value, label: value || t.bench.anyDigit }))}
                value={`${digit ?? ""}`}
                onChoose={(value) => choose({ digit: value === "" ? undefined : Number(value) })}
              />
            </div>
            <details>
              <summary>{t.bench.more}</summary>
              <Settings />
            </details>
          </fieldset>
          {!isAlive && (
            <button type="submit" class="primary">
              {t.bench.draw}
            </button>
          )}
        </form>
      </div>
    </section>
  );
}

/** The ground behind a picture. Black comes from the style sheet: the built page's policy forbids style attributes. */
export function paper(name: string, ground: string) {
  if (ground === "transparent") return { class: `${name} checkered` };
  return { class: name, style: ground === DEFAULT_GROUND ? {} : { background: `#${ground}` } };
}

function SeedField() {
  const { t, isAlive, choices, choose } = usePage();
  const surprise = () => {
    const words = t.bench.surprises.split(" ").filter((word) => word !== choices.seed);
    choose({ seed: words[Math.floor(Math.random() * words.length)]! });
  };
  return (
    <div class="seed-field">
      <label for="seed">{t.bench.seed}</label>
      <div>
        <input
          id="seed"
          name="seed"
          type="text"
          required
          maxLength={MAX_SEED_LENGTH}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={choices.seed}
          onInput={({ currentTarget: { value } }) => isSeed(value) && choose({ seed: value })}
        />
        {isAlive && (
          <button type="button" class="quiet" onClick={surprise}>
            {t.bench.surprise}
          </button>
        )}
      </div>
    </div>
  );
}

function Settings() {
  const { t, decimals, guidance: own, choices, choose } = usePage();
  const { size, temperature, guidance = own, slant, weight, format, ink, ground } = choices;
  const isTransparent = ground === "transparent";
  return (
    <div class="settings">
      <ModelChoice />
      <Segments
        legend={t.bench.format}
        options={FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
        value={format}
        onChoose={(value) => choose({ format: value })}
      />
      {format === "json" && <p class="note">{t.bench.jsonNote}</p>}
      <Slider
        label={t.bench.size}
        output={t.bench.pixels(size)}
        range={[MIN_SIZE, MAX_SIZE, 4]}
        value={size}
        onSlide={(value) => choose({ size: value })}
      />
      <Slider
        label={t.bench.temperature}
        output={decimals(temperature, 2)}
        hint={t.bench.temperatureHint}
        range={[0, 2, 0.05]}
        value={temperature}
        onSlide={(value) => choose({ temperature: value })}
      />
      {guidance !== undefined && (
        <Slider
          label={t.bench.guidance}
          output={decimals(guidance, 2)}
          hint={t.bench.guidanceHint}
          range={[0, MAX_GUIDANCE, 0.05]}
          value={guidance}
          onSlide={(value) => choose({ guidance: value === own ? undefined : value })}
        />
      )}
      <Slider
        label={t.bench.slant}
        output={t.bench.degrees(slant)}
        range={[-MAX_SLANT, MAX_SLANT, 1]}
        value={slant}
        onSlide={(value) => choose({ slant: value })}
      />
      <Slider
        label={t.bench.weight}
        output={decimals(weight, 2)}
        range={[WEIGHTS.min, WEIGHTS.max, 0.05]}
        value={weight}
        onSlide={(value) => choose({ weight: value })}
      />
      <div class="colours">
        <label>
          <span>{t.bench.ink}</span>
          <input
            type="color"
            value={`#${ink}`}
            onInput={(event) => choose({ ink: event.currentTarget.value.slice(1) })}
          />
        </label>
        <label>
          <span>{t.bench.ground}</span>
          <input
            type="color"
            disabled={isTransparent}
            value={`#${isTransparent ? DEFAULT_GROUND : ground}`}
            onInput={(event) => choose({ ground: event.currentTarget.value.slice(1) })}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={isTransparent}
            onChange={() => choose({ ground: isTransparent ? DEFAULT_GROUND : "transparent" })}
          />
          <span>{t.bench.transparent}</span>
        </label>
      </div>
    </div>
  );
}

function ModelChoice() {
  const { t, models, choices, choose } = usePage();
  const published = models.status === "ready" ? models.value : [];
  const standard = published.find(({ isDefault }) => isDefault)?.name;
  const others = published.map(({ name }) => name).filter((name) => name !== standard);
  // A link may name a model that is not published, or not known yet.
  const names = new Set(choices.model === undefined ? others : [...others, choices.model]);
  return (
    <label>
      <span>{t.bench.model}</span>
      <select
        value={choices.model ?? ""}
        onChange={(event) => choose({ model: event.currentTarget.value || undefined })}
      >
        <option value="">{standard ? t.bench.defaultModel(standard) : t.bench.standardModel}</option>
        {[...names].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
