// A slider for each direction in which a model's digits differ, named by what one sees change.

import { useMemo } from "preact/hooks";
import { latentDim } from "../shared/latent/kind.ts";
import { memoize } from "../shared/memoize.ts";
import { decodeAddress } from "./addresses.ts";
import { type Directions, directionsOfDraws, findDirections, fromDials, toDials } from "./directions.ts";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { useDraft, useSettled } from "./parts/loading.ts";
import { Proof } from "./parts/proof.tsx";
import { loadRelease, pinnedName, type ReadableModel, type Release } from "./releases.ts";
import { usePage } from "./state.ts";
import { type Effect, nameDirections } from "./traits.ts";
import { drawWord } from "./word.ts";

/** Ends of a slider, standard deviations. */
const REACH = 3;
const STEP = 0.05;
/** Where the pictures at a slider's ends are taken. */
const GLANCE = 2.5;
const SHOWN = 6;
/** The pictures at the ends follow once the sliders rest. */
const REST_MS = 120;
/** Draws that directions are found from, where there is no mixture, and those that they are tried on. */
const DRAWS = 600;
const TRIED = 24;

/** A release, with the directions in which its digits differ. */
interface Directed {
  readonly release: Release;
  readonly directions: Directions;
  readonly effects: readonly (Effect | undefined)[];
}

export const loadDirected = memoize(
  async (model: ReadableModel): Promise<Directed> => {
    const release = await loadRelease(model);
    const { latent, mixture, decoder, card } = release;
    const draws = latent.drawAll(Array.from({ length: DRAWS }, (_, i) => ({ seed: `draw ${i}` })));
    const latents = draws.map((draw) => draw.latent.subarray(0, latentDim(card.spec)));
    const directions = mixture ? findDirections(mixture) : directionsOfDraws(latents);
    const tried = latents.slice(0, TRIED).map((each) => toDials(directions, each));
    return { release, directions, effects: nameDirections(decoder, directions, tried, SHOWN) };
  },
  { keyOf: pinnedName },
);

export function DialBoard({ directed: { release, directions, effects } }: { directed: Directed }) {
  const { t, choices, choose, model } = usePage();
  const { seed, digit: asked, temperature, guidance } = choices;
  const word = useMemo(
    () => drawWord(release, { seed, digit: asked, temperature, guidance }),
    [release, seed, asked, temperature, guidance],
  );
  // Two decimals, as in the address.
  const own = useMemo(
    () => toDials(directions, word.latent).map((value) => Math.round(value * 100) / 100 + 0),
    [directions, word],
  );
  const turned = choices.dials?.length === directions.axes.length ? choices.dials : undefined;
  const [moved, move] = useDraft(turned, (next) => choose({ dials: next && [...next] }));
  const dials = moved ?? own;
  const digit = useMemo(() => {
    // What turns is not its noise.
    const grain = word.latent.subarray(latentDim(release.card.spec));
    const latent = moved ? Float32Array.of(...fromDials(directions, dials), ...grain) : word.latent;
    return { latent, image: release.decoder.image(latent) };
  }, [release, directions, moved, dials, word]);
  const rested = useSettled(dials, REST_MS);
  const row = (index: number) => (
    <Dial
      key={index}
      directed={{ release, directions, effects }}
      dials={rested}
      index={index}
      value={dials[index]!}
      onTurn={(value) => move(dials.with(index, value))}
      onReset={() => move(dials.with(index, own[index]!))}
      isTurned={dials[index] !== own[index]}
    />
  );
  const indices = directions.axes.map((_, index) => index);
  return (
    <div class="explorer">
      <div class="beside">
        <div class="watched">
          <DigitCanvas image={digit.image} ink={release.ink} label={t.dials.digit} side="large" />
          <div>
            {model && model.name !== release.name && (
              <p class="note">{t.dials.otherModel(release.name, seed, word.digit)}</p>
            )}
            <Proof image={digit.image} address={decodeAddress(release, digit.latent, choices)} />
            <button type="button" disabled={!moved} onClick={() => move(undefined)}>
              {t.dials.reset(seed)}
            </button>
          </div>
        </div>
      </div>
      <div>
        <ul class="dial-list">{indices.slice(0, SHOWN).map(row)}</ul>
        {indices.length > SHOWN && (
          <details>
            <summary>{t.dials.all(indices.length)}</summary>
            <ul class="dial-list">{indices.slice(SHOWN).map(row)}</ul>
          </details>
        )}
      </div>
    </div>
  );
}

interface DialProps {
  readonly directed: Directed;
  /** Where all stand, once they rest. */
  readonly dials: readonly number[];
  readonly index: number;
  readonly value: number;
  readonly isTurned: boolean;
  readonly onTurn: (value: number) => void;
  readonly onReset: () => void;
}

function Dial({ directed, dials, index, value, isTurned, onTurn, onReset }: DialProps) {
  const { t } = usePage();
  const { release, directions, effects } = directed;
  const ends = useMemo(
    () =>
      release.decoder.images([-GLANCE, GLANCE].map((end) => fromDials(directions, dials.with(index, end)))),
    [directed.release, dials],
  );
  const trait = effects[index]?.trait;
  // Two directions may change the same.
  const isFirst = effects.findIndex((effect) => effect?.trait === trait) === index;
  const name =
    trait && isFirst ? t.dials.traits[trait] : t.dials.dial(index + 1, trait && t.dials.traits[trait]);
  return (
    <li class="dial">
      <span id={`dial-${index}`}>
        {name} <small>{t.dials.share(Math.round(100 * directions.axes[index]!.share))}</small>
      </span>
      <DigitCanvas image={ends[0]} ink={release.ink} />
      <input
        type="range"
        aria-labelledby={`dial-${index}`}
        min={-REACH}
        max={REACH}
        step={STEP}
        value={value}
        onInput={(event) => onTurn(event.currentTarget.valueAsNumber)}
      />
      <DigitCanvas image={ends[1]} ink={release.ink} />
      <button
        type="button"
        class="quiet"
        hidden={!isTurned}
        aria-label={t.dials.resetOne(name)}
        title={t.dials.resetOne(name)}
        onClick={onReset}
      >
        ↺
      </button>
    </li>
  );
}
