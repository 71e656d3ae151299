// The latent explorer of models with more dimensions: a slider for each of the directions along which digits differ most.

import { useMemo } from "preact/hooks";
import { drawFromSeed } from "../shared/latent/gaussian/sample.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { type Directions, findDirections, fromDials, toDials } from "./directions.ts";
import { isMapped, type Mapped } from "./map.tsx";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { FailureNote } from "./parts/failure.tsx";
import { useLoaded, useNearness } from "./parts/loading.ts";
import { decodeHere, Proof } from "./parts/proof.tsx";
import { Waiting } from "./parts/waiting.tsx";
import { loadRelease, modelFor } from "./releases.ts";
import { usePage } from "./state.ts";

/** Ends of a dial, standard deviations. */
const REACH = 3;
const STEP = 0.05;
/** What the pictures at a dial's ends show. */
const GLANCE = 2.5;
const SHOWN = 6;

export function DialsSection() {
  const { state, t } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const model =
    state.models.status === "ready"
      ? modelFor(
          state.models.value,
          state.choices.model,
          ({ spec }) => latentDim(spec) > 2 && spec.latent.kind !== "codes",
        )
      : undefined;
  const release = useLoaded(isNear ? model : undefined, loadRelease);
  return (
    <section id="dials" aria-labelledby="dials-title" ref={ref}>
      <div class="section-head">
        <h2 id="dials-title">{t.dials.title}</h2>
        <p class="lede">{t.dials.lede}</p>
      </div>
      {state.models.status === "failed" ? (
        <FailureNote failure={state.models.failure} />
      ) : release.status === "failed" ? (
        <FailureNote failure={release.failure} />
      ) : release.status === "ready" && isMapped(release.value) ? (
        <Dials release={release.value} />
      ) : (state.models.status === "ready" && !model) || release.status === "ready" ? (
        <p class="note">{t.dials.none}</p>
      ) : (
        <Waiting />
      )}
    </section>
  );
}

function Dials({ release }: { release: Mapped }) {
  const { state, t, choose } = usePage();
  const { choices } = state;
  const { seed, digit: asked, temperature } = choices;
  const directions = useMemo(() => findDirections(release.mixture), [release]);
  const own = useMemo(
    () => dialsOfSeed(release, directions, seed, asked, temperature),
    [release, directions, seed, asked, temperature],
  );
  const turned = choices.dials?.length === directions.axes.length ? choices.dials : undefined;
  const dials = turned ?? own;
  const digit = useMemo(
    () => decodeHere(release, fromDials(directions, dials)),
    [release, directions, dials],
  );
  const ends = useMemo(() => lookAhead(release, directions, dials), [release, directions, dials]);
  const dial = (index: number) => {
    const { share } = directions.axes[index]!;
    const name = t.dials.dial(index + 1);
    return (
      <li key={index} class="dial">
        <span id={`dial-${index}`}>
          {name} <small>{t.dials.share(Math.round(100 * share))}</small>
        </span>
        <DigitCanvas image={ends[2 * index]} />
        <input
          type="range"
          aria-labelledby={`dial-${index}`}
          min={-REACH}
          max={REACH}
          step={STEP}
          value={dials[index]!}
          onInput={(event) => {
            const { valueAsNumber } = event.currentTarget;
            choose({ dials: dials.map((value, i) => (i === index ? valueAsNumber : value)) });
          }}
        />
        <DigitCanvas image={ends[2 * index + 1]} />
      </li>
    );
  };
  const indices = directions.axes.map((_, index) => index);
  return (
    <div class="explorer">
      <div>
        <ul class="dial-list">{indices.slice(0, SHOWN).map(dial)}</ul>
        {indices.length > SHOWN && (
          <details>
            <summary>{t.dials.all(indices.length)}</summary>
            <ul class="dial-list">{indices.slice(SHOWN).map(dial)}</ul>
          </details>
        )}
      </div>
      <div class="beside">
        <DigitCanvas image={digit.image} label={t.dials.digit} class="big" />
        <Proof digit={digit} />
        <button type="button" disabled={!turned} onClick={() => choose({ dials: undefined })}>
          {t.dials.reset(seed)}
        </button>
      </div>
    </div>
  );
}

/** To the hundredth, as the address tells them. */
function dialsOfSeed(
  { card, mixture }: Mapped,
  directions: Directions,
  seed: string,
  digit: number | undefined,
  temperature: number,
): readonly number[] {
  const { latent } = drawFromSeed(seed, { digit, temperature }, latentDim(card.spec), mixture);
  return toDials(directions, latent).map((value) => Math.round(value * 100) / 100 + 0);
}

/** What each dial leads to, turned down and up, the others left as they are. */
function lookAhead({ decoder }: Mapped, directions: Directions, dials: readonly number[]) {
  const latents = dials.flatMap((_, index) =>
    [-GLANCE, GLANCE].map((end) =>
      fromDials(
        directions,
        dials.map((value, i) => (i === index ? end : value)),
      ),
    ),
  );
  return decoder.images(latents);
}
