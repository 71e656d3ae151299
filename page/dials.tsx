// The latent explorer for models with more dimensions: a slider for each principal direction.

import { useMemo } from "preact/hooks";
import { latentDim } from "../shared/latent/kind.ts";
import { type Directions, findDirections, fromDials, toDials } from "./directions.ts";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { decodeHere, Proof } from "./parts/proof.tsx";
import { ModelSection } from "./parts/section.tsx";
import { drawSeed, hasMixture, loadRelease, type Release } from "./releases.ts";
import { usePage } from "./state.ts";

/** Ends of a dial, standard deviations. */
const REACH = 3;
const STEP = 0.05;
/** Where the pictures at a dial's ends are taken. */
const GLANCE = 2.5;
const SHOWN = 6;

export function DialsSection() {
  const { t } = usePage();
  return (
    <ModelSection
      id="dials"
      lede={() => t.dials.lede}
      suits={(card) => latentDim(card.spec) > 2 && hasMixture(card)}
      load={loadRelease}
    >
      {(release) => <Dials release={release} />}
    </ModelSection>
  );
}

function Dials({ release }: { release: Release }) {
  const { t, choices, choose } = usePage();
  const { seed, digit: asked, temperature, guidance } = choices;
  const directions = useMemo(() => findDirections(release.mixture!), [release]);
  const own = useMemo(() => {
    const { latent } = drawSeed(release, { seed, digit: asked }, { temperature, guidance });
    // Two decimals, as in the address.
    return toDials(directions, latent).map((value) => Math.round(value * 100) / 100 + 0);
  }, [release, directions, seed, asked, temperature, guidance]);
  const turned = choices.dials?.length === directions.axes.length ? choices.dials : undefined;
  const dials = turned ?? own;
  const { digit, ends } = useMemo(
    () => ({
      digit: decodeHere(release, fromDials(directions, dials)),
      ends: lookAhead(release, directions, dials),
    }),
    [release, directions, dials],
  );
  const rows = directions.axes.map(({ share }, index) => (
    <li key={index} class="dial">
      <span id={`dial-${index}`}>
        {t.dials.dial(index + 1)} <small>{t.dials.share(Math.round(100 * share))}</small>
      </span>
      <DigitCanvas image={ends[2 * index]} ink={release.ink} />
      <input
        type="range"
        aria-labelledby={`dial-${index}`}
        min={-REACH}
        max={REACH}
        step={STEP}
        value={dials[index]!}
        onInput={(event) => choose({ dials: dials.with(index, event.currentTarget.valueAsNumber) })}
      />
      <DigitCanvas image={ends[2 * index + 1]} ink={release.ink} />
    </li>
  ));
  return (
    <div class="explorer">
      <div>
        <ul class="dial-list">{rows.slice(0, SHOWN)}</ul>
        {rows.length > SHOWN && (
          <details>
            <summary>{t.dials.all(rows.length)}</summary>
            <ul class="dial-list">{rows.slice(SHOWN)}</ul>
          </details>
        )}
      </div>
      <div class="beside">
        <DigitCanvas image={digit.image} ink={release.ink} label={t.dials.digit} isLarge />
        <Proof digit={digit} />
        <button type="button" disabled={!turned} onClick={() => choose({ dials: undefined })}>
          {t.dials.reset(seed)}
        </button>
      </div>
    </div>
  );
}

/** The digits at both ends of each dial, with the other dials as they are. */
function lookAhead({ decoder }: Release, directions: Directions, dials: readonly number[]) {
  const turned = dials.flatMap((_, index) => [-GLANCE, GLANCE].map((end) => dials.with(index, end)));
  return decoder.images(turned.map((each) => fromDials(directions, each)));
}
