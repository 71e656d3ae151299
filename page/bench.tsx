// The seed bench: a word, its digit, and everything that decides how it looks.

import { MAX_SEED_LENGTH } from "../shared/arithmetic/random.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { DEFAULT_GROUND, DEFAULT_INK, MIN_SIZE } from "../shared/limits.ts";
import { type Choices, FORMATS, isSeed } from "./choices.ts";
import { Picture } from "./parts/picture.tsx";
import { Segments } from "./parts/segments.tsx";
import { service, withoutOrigin } from "./service.ts";
import { usePage } from "./state.ts";

const DIGITS = [undefined, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** The picture's address: what stands in it decides every byte. */
export function sampleAddress(choices: Choices, format = choices.format): string {
  const { seed, digit, model, size, temperature, ink, ground } = choices;
  return withoutOrigin(
    service.sampleUrl({
      seed,
      size,
      ...(digit !== undefined && { digit }),
      ...(model !== undefined && { model }),
      ...(temperature !== 1 && { temperature }),
      ...(format !== "png" && { format }),
      // Grey levels have no colours.
      ...(format !== "json" && ink !== DEFAULT_INK && { fg: ink }),
      ...(format !== "json" && ground !== DEFAULT_GROUND && { bg: ground }),
    }),
  );
}

export function Bench() {
  const { state, t } = usePage();
  const { choices, isAlive } = state;
  const { seed, digit, size, ground, format } = choices;
  // A picture of grey levels shows them.
  const picture = sampleAddress(choices, format === "json" ? "png" : format);
  return (
    <section id="bench" aria-labelledby="headline">
      <div class={`stage ${ground === "transparent" ? "checkered" : ""}`} style={groundOf(ground)}>
        <Picture
          src={picture}
          alt={t.bench.picture(seed, digit)}
          width={512}
          height={512}
          class={size < 112 ? "pixelated" : ""}
        />
      </div>
      <div class="bench-words">
        <h1 id="headline">{t.bench.headline}</h1>
        <p class="lede">{t.bench.lede}</p>
        <form action="/sample" onSubmit={(event) => isAlive && event.preventDefault()}>
          <SeedField />
          <fieldset class="plain" disabled={!isAlive}>
            <DigitChoice />
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

/** Black is the sheet's own: the page as built has no style attribute, which its policy forbids. */
export function groundOf(ground: string): { background?: string } {
  return ground === "transparent" || ground === DEFAULT_GROUND ? {} : { background: `#${ground}` };
}

function SeedField() {
  const { state, t, choose } = usePage();
  const { seed } = state.choices;
  const surprise = () => {
    const words = t.bench.surprises.filter((word) => word !== seed);
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
          value={seed}
          onInput={(event) => {
            const { value } = event.currentTarget;
            if (isSeed(value)) choose({ seed: value, dials: undefined });
          }}
        />
        {state.isAlive && (
          <button type="button" class="quiet" onClick={surprise}>
            {t.bench.surprise}
          </button>
        )}
      </div>
    </div>
  );
}

function DigitChoice() {
  const { state, t, choose } = usePage();
  const options = DIGITS.map((digit) => ({
    value: String(digit ?? ""),
    label: digit === undefined ? t.bench.anyDigit : String(digit),
  }));
  return (
    <div class="digits">
      <Segments
        legend={t.bench.digit}
        options={options}
        value={String(state.choices.digit ?? "")}
        onChoose={(value) => choose({ digit: value === "" ? undefined : Number(value), dials: undefined })}
      />
    </div>
  );
}

function Settings() {
  const { state, t, choose } = usePage();
  const { size, temperature, format, ink, ground } = state.choices;
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
      <label>
        <span>
          {t.bench.size} <output>{t.bench.pixels(size)}</output>
        </span>
        <input
          type="range"
          min={MIN_SIZE}
          max={MAX_SIZE}
          step={4}
          value={size}
          aria-valuetext={t.bench.pixels(size)}
          onInput={(event) => choose({ size: event.currentTarget.valueAsNumber })}
        />
      </label>
      <label>
        <span>
          {t.bench.temperature} <output>{temperature.toFixed(2)}</output>
        </span>
        <input
          type="range"
          min={0}
          max={2}
          step={0.05}
          value={temperature}
          aria-describedby="variety-hint"
          onInput={(event) => choose({ temperature: Number(event.currentTarget.value), dials: undefined })}
        />
        <small id="variety-hint">{t.bench.temperatureHint}</small>
      </label>
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
            disabled={ground === "transparent"}
            value={ground === "transparent" ? "#000000" : `#${ground}`}
            onInput={(event) => choose({ ground: event.currentTarget.value.slice(1) })}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={ground === "transparent"}
            onChange={(event) =>
              choose({ ground: event.currentTarget.checked ? "transparent" : DEFAULT_GROUND })
            }
          />
          <span>{t.bench.transparent}</span>
        </label>
      </div>
    </div>
  );
}

function ModelChoice() {
  const { state, t, choose } = usePage();
  const { model } = state.choices;
  const models = state.models.status === "ready" ? state.models.value : [];
  const names = models.map(({ name }) => name);
  // One that a link names and that is not published, or not known yet, is shown as it is.
  const others = model !== undefined && !names.includes(model) ? [model] : [];
  return (
    <label>
      <span>{t.bench.model}</span>
      <select
        value={model ?? ""}
        onChange={(event) => choose({ model: event.currentTarget.value || undefined, dials: undefined })}
      >
        <option value="">
          {models.length > 0
            ? t.bench.defaultModel(models.find(({ isDefault }) => isDefault)!.name)
            : t.bench.standardModel}
        </option>
        {[
          ...models.filter(({ isDefault, name }) => !isDefault || name === model).map(({ name }) => name),
          ...others,
        ].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
