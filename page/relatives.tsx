// The neighbours of the seed: each is a seed, to choose or to add to the walk.

import { useMemo, useState } from "preact/hooks";
import { memberSeed } from "../shared/arithmetic/random.ts";
import { kindOf } from "../shared/latent/kind.ts";
import { DEFAULT_GROUND, DEFAULT_INK } from "../shared/limits.ts";
import { sampleAddress } from "./addresses.ts";
import { MOST_WAYPOINTS, type Waypoint } from "./choices.ts";
import { familyOf, findNeighbours } from "./neighbours.ts";
import { useLoaded, useNearness, useSettled } from "./parts/loading.ts";
import { Picture } from "./parts/picture.tsx";
import { Section } from "./parts/section.tsx";
import { isChosen, isReadable, loadLatent } from "./releases.ts";
import { usePage } from "./state.ts";

const SHOWN = 12;
/** Pictures of neighbours wait until typing pauses. */
const PAUSE_MS = 250;
const SIZE = 112;

export function RelativesSection() {
  const { t, isAlive, choices, choose } = usePage();
  const { ref, isNear } = useNearness<HTMLElement>();
  const { relatives, areNearest } = useRelatives(isNear);
  const [notice, setNotice] = useState("");
  const add = (waypoint: Waypoint) => {
    if (choices.walk.length >= MOST_WAYPOINTS) return setNotice(t.relatives.full);
    choose({ walk: [...choices.walk, waypoint] });
    setNotice(t.relatives.added(waypoint.seed));
  };
  const look = { ...choices, size: SIZE, ink: DEFAULT_INK, ground: DEFAULT_GROUND };
  return (
    <Section id="relatives" lede={areNearest ? t.relatives.lede : t.relatives.any} sectionRef={ref}>
      <ul class="gallery">
        {relatives.map(({ seed, digit }) => (
          <li key={seed}>
            <button
              type="button"
              class="tile"
              disabled={!isAlive}
              aria-label={t.relatives.choose(seed)}
              onClick={() => choose({ seed, digit: choices.digit === undefined ? undefined : digit })}
            >
              <Picture src={sampleAddress({ ...look, seed }, "png")} alt="" width={SIZE} height={SIZE} />
            </button>
            {isAlive && (
              <button
                type="button"
                class="add"
                aria-label={t.relatives.add(seed)}
                title={t.relatives.add(seed)}
                onClick={() => add({ seed, digit })}
              >
                +
              </button>
            )}
          </li>
        ))}
      </ul>
      <p class="note" role="status">
        {notice}
      </p>
    </Section>
  );
}

/**
 * The nearest ones once the model's latent is loaded; before that, and for a model whose latents the page does not
 * compare, the first ones.
 */
function useRelatives(isNear: boolean): { relatives: readonly Waypoint[]; areNearest: boolean } {
  const { models, choices } = usePage();
  const { digit, temperature, guidance } = choices;
  const published = models.status === "ready" ? models.value.filter(isReadable) : [];
  // A thousand latents of other kinds would take a second to draw.
  const readable = published.find((model) => isChosen(model, choices) && kindOf(model.card.spec).drawsFast);
  const latent = useLoaded(isNear ? readable : undefined, loadLatent);
  const seed = useSettled(choices.seed, PAUSE_MS);
  const nearest = useMemo(() => {
    if (latent.status !== "ready") return undefined;
    if (latent.value.digits.length === 0 && digit !== undefined) return undefined;
    return findNeighbours(seed, { digit, temperature, guidance }, latent.value, SHOWN).map(
      (neighbour): Waypoint => ({ seed: neighbour.seed, digit: neighbour.digit }),
    );
  }, [latent, seed, digit, temperature, guidance]);
  const first = () =>
    Array.from({ length: SHOWN }, (_, i) => ({ seed: memberSeed(familyOf(seed), i), digit }));
  return { relatives: nearest ?? first(), areNearest: nearest !== undefined };
}
