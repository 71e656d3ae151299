// The neighbours of the word: each is a word, to choose or to walk to.

import { useMemo } from "preact/hooks";
import { memberSeed } from "../shared/arithmetic/random.ts";
import { kindOf } from "../shared/latent/kind.ts";
import { sampleAddress } from "./addresses.ts";
import { familyOf, findNeighbours } from "./neighbours.ts";
import { DigitCanvas } from "./parts/digit-canvas.tsx";
import { useNearness, useSettled } from "./parts/loading.ts";
import { Section } from "./parts/section.tsx";
import { choiceFor } from "./releases.ts";
import { usePage } from "./state.ts";
import { type DrawnWord, drawWord } from "./word.ts";

const SHOWN = 12;
/** A thousand latents wait until typing pauses. */
const PAUSE_MS = 250;
const SIZE = 112;

export function RelativesSection() {
  const { t, isAlive, choices } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const { relatives, areNearest } = useRelatives(isNear);
  const { seed } = choices;
  return (
    <Section
      id="relatives"
      lede={areNearest ? t.relatives.lede(familyOf(seed)) : t.relatives.any(familyOf(seed))}
      sectionRef={ref}
    >
      <ul class="gallery">
        {relatives?.map((relative) => <Relative key={relative.seed} relative={relative} />) ??
          Array.from({ length: SHOWN }, (_, i) => (
            <li key={`${i + 0}`}>
              <div class="tile">{!isAlive && <StandIn seed={memberSeed(familyOf(seed), i)} />}</div>
              <div class="add" />
            </li>
          ))}
      </ul>
    </Section>
  );
}

/** For visitors without scripts. */
function StandIn({ seed }: { seed: string }) {
  const { choices } = usePage();
  return (
    <noscript>
      <img src={sampleAddress({ ...choices, seed, size: SIZE }, "png")} alt={seed} />
    </noscript>
  );
}

function Relative({ relative: { seed, digit, image, release } }: { relative: DrawnWord }) {
  const { t, choices, choose } = usePage();
  return (
    <li>
      <button
        type="button"
        class="tile"
        aria-label={t.relatives.choose(seed, digit)}
        onClick={() => choose({ seed, digit: choices.digit === undefined ? undefined : digit })}
      >
        <DigitCanvas image={image} ink={release.ink} />
      </button>
      <button
        type="button"
        class="add"
        aria-pressed={choices.to === seed}
        aria-label={t.relatives.walkTo(seed)}
        onClick={() => choose({ to: seed })}
      >
        {choices.to === seed ? t.relatives.isGoal : t.relatives.goal}
      </button>
    </li>
  );
}

/**
 * The nearest ones; for a model whose latents are too slow to compare, the first ones. Undefined until the model is there.
 */
function useRelatives(isNear: boolean): {
  relatives: readonly DrawnWord[] | undefined;
  areNearest: boolean;
} {
  const { release, choices } = usePage();
  const { digit, temperature, guidance } = choices;
  const seed = useSettled(choices.seed, PAUSE_MS);
  const areNearest = release !== undefined && kindOf(release.card.spec).drawsFast;
  const relatives = useMemo(() => {
    if (!isNear || !release) return undefined;
    const first = () => Array.from({ length: SHOWN }, (_, i) => memberSeed(familyOf(seed), i));
    const seeds = areNearest
      ? findNeighbours(seed, choiceFor(release, choices), release.latent, SHOWN).map((each) => each.seed)
      : first();
    return seeds.map((each) => drawWord(release, { seed: each, digit, temperature, guidance }));
  }, [isNear, release, seed, digit, temperature, guidance]);
  return { relatives, areNearest };
}
