// Everything beside the word that decides how its digit looks.

import { MAX_SLANT, WEIGHTS } from "../shared/image/ink/hand.ts";
import { MAX_GUIDANCE } from "../shared/latent/flow/spec.ts";
import { DEFAULT_GROUND, DEFAULT_INK } from "../shared/limits.ts";
import { DEFAULTS } from "./choices.ts";
import { Segments, Slider } from "./parts/controls.tsx";
import { usePage } from "./state.ts";

export function Settings() {
  const { t, decimals, guidance: own, choices, choose } = usePage();
  const { temperature, guidance = own, slant, weight } = choices;
  return (
    <div class="settings">
      <ModelChoice />
      <Colours />
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
    </div>
  );
}

/** Pairs of colours that are chosen at once. */
const PALETTES = {
  paper: { ink: DEFAULTS.ink, ground: DEFAULTS.ground },
  mnist: { ink: DEFAULT_INK, ground: DEFAULT_GROUND },
} as const;
const PALETTE_NAMES = Object.keys(PALETTES) as (keyof typeof PALETTES)[];

function Colours() {
  const { t, choices, choose } = usePage();
  const { ink, ground } = choices;
  const isTransparent = ground === "transparent";
  return (
    <div class="colours">
      <Segments
        legend={t.bench.palette}
        options={PALETTE_NAMES.map((value) => ({ value, label: t.bench.palettes[value] }))}
        value={PALETTE_NAMES.find((name) => PALETTES[name].ink === ink && PALETTES[name].ground === ground)}
        onChoose={(name) => choose(PALETTES[name])}
      />
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
          value={`#${isTransparent ? DEFAULTS.ground : ground}`}
          onInput={(event) => choose({ ground: event.currentTarget.value.slice(1) })}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={isTransparent}
          onChange={() => choose({ ground: isTransparent ? DEFAULTS.ground : "transparent" })}
        />
        <span>{t.bench.transparent}</span>
      </label>
    </div>
  );
}

function ModelChoice() {
  const { t, models, model, choices, choose } = usePage();
  const published = models.status === "ready" ? models.value : [];
  const standard = published.find(({ isDefault }) => isDefault)?.name;
  const others = published.map(({ name }) => name).filter((name) => name !== standard);
  // A link may name a version, or a model that is not published or not known yet.
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
      {model && <small>{t.bench.version(model.version)}</small>}
    </label>
  );
}
